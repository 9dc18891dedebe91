// @vitest-environment jsdom
import {act, cleanup, fireEvent, render, screen} from '@testing-library/react';
import {renderToString} from 'react-dom/server';
import {afterEach, describe, expect, it, vi} from 'vitest';
import './copy.ts';
import CodeBlock from './index.tsx';

const html = '<span class="l" data-n="4"><span class="k">const</span> a = &lt;b\n</span><span class="l" data-n="5">c\n</span>';
const listing = <CodeBlock html={html} language="go" title="Flags" file="code/a.go" lines="4–5" href="https://forge.example/a.go#L4-L5" />;

/** Gives the page a clipboard that answers as told. */
function clipboard(writeText: (text: string) => Promise<void>): void {
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('navigator', {clipboard: {writeText}});
}

/** Presses the button and waits for what comes of it. */
async function press(): Promise<void> {
  await act(async () => {
    fireEvent.click(screen.getByRole('button', {name: 'Copy code'}));
    await Promise.resolve();
  });
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('CodeBlock', () => {
  it('shows code, title, file, lines and a link to them, without script', () => {
    const markup = renderToString(listing);
    expect(markup).toContain(html);
    document.body.innerHTML = markup;
    expect(document.querySelector('figcaption')?.textContent).toBe('Flags code/a.go lines 4–5');
    expect(document.querySelector('a')?.href).toBe('https://forge.example/a.go#L4-L5');
    document.body.innerHTML = '';
  });

  it('is a group, named by its caption or its language, which the keyboard can reach where it scrolls', () => {
    render(listing);
    expect(screen.getByRole('group', {name: 'Flags code/a.go lines 4–5'}).tabIndex).toBe(-1);
    cleanup();
    render(<CodeBlock html="ls" language="bash" />);
    expect(screen.getByRole('group', {name: 'Code, bash'}).tabIndex).toBe(-1);
    cleanup();
    render(<CodeBlock html="a --> b" language="text" />);
    expect(screen.getByRole('group', {name: 'Code, text'}).tabIndex).toBe(0);
  });

  it('says since when lines are new, and has the whole file folded away, without script', () => {
    document.body.innerHTML = renderToString(
      <CodeBlock html={html} language="go" file="code/a.go" lines="4–5" since="2-pid" whole="<b>all</b>" length="54" />,
    );
    expect(document.querySelector('figcaption')?.textContent).toBe(' code/a.go lines 4–5, what is new since 2-pid');
    expect(document.querySelector('details')?.open).toBe(false);
    expect(document.querySelector('summary')?.textContent).toBe('The whole file, 54 lines');
    expect(document.querySelector('details pre')?.innerHTML).toBe('<code><b>all</b></code>');
    document.body.innerHTML = '';
  });

  it.each([
    [
      'console',
      'Copy commands',
      '<span class="l"><span class="m">$ </span>a \\\n</span><span class="l"><span class="m">&gt; </span>b\n</span><span class="l o">c\n</span>',
      'a \\\nb',
    ],
    ['go', 'Copy code', '<span class="l">a\n</span><del><span class="l">b\n</span></del><ins><span class="l">c\n</span></ins>', 'a\nc'],
  ])('copies of %s what is to be typed', async (language, name, markup, text) => {
    const writeText = vi.fn(() => Promise.resolve());
    clipboard(writeText);
    render(<CodeBlock html={markup} language={language} />);
    await act(async () => {
      fireEvent.click(screen.getByRole('button', {name}));
      await Promise.resolve();
    });
    expect(writeText).toHaveBeenCalledWith(text);
  });

  it('copies where it is HTML that was never hydrated', async () => {
    const writeText = vi.fn(() => Promise.resolve());
    clipboard(writeText);
    document.body.innerHTML = renderToString(listing);
    await press();
    expect(writeText).toHaveBeenCalledWith('const a = <b\nc');
    document.body.innerHTML = '';
  });

  it('copies the text of the code, without numbers, and says so for a while', async () => {
    vi.useFakeTimers();
    const writeText = vi.fn(() => Promise.resolve());
    clipboard(writeText);
    render(listing);
    await press();
    expect(screen.getByRole('status').textContent).toBe('Copied');
    expect(writeText).toHaveBeenCalledWith('const a = <b\nc');
    act(() => void vi.advanceTimersByTime(3000));
    expect(screen.getByRole('status').textContent).toBe('');
  });

  it('says when it could not copy, and selects the code for the reader to do it', async () => {
    clipboard(() => Promise.reject(new Error('denied')));
    render(listing);
    await press();
    expect(screen.getByRole('status').textContent).toMatch(/^Not copied\. The code is selected/);
    expect(getSelection()?.toString()).toBe('const a = <b\nc\n');
  });
});
