import {describe, expect, it} from 'vitest';
import {parseConsole} from './console.ts';
import {renderCode} from './render.ts';

/** The commands of a session, as the copy button gives them. */
const commands = (...lines: string[]): string[] =>
  parseConsole(lines.join('\n')).flatMap((line) => (line.kind === 'command' ? line.text : []));

describe('parseConsole', () => {
  it('tells commands from output', () => {
    expect(parseConsole('$ hostname\nsheep\n$ id -u\n0')).toEqual([
      {kind: 'command', prompt: '$ ', text: 'hostname'},
      {kind: 'output', text: 'sheep'},
      {kind: 'command', prompt: '$ ', text: 'id -u'},
      {kind: 'output', text: '0'},
    ]);
  });

  it('knows the prompts of our terminals', () => {
    expect(commands('host:~# id', 'sheep:/proc$ ls', 'a:b# no', '# no', 'file.go:3: no')).toEqual(['id', 'ls']);
  });

  it('keeps the lines that a backslash joins, with the second prompt or without', () => {
    expect(commands('$ unshare --uts \\', '>   --pid \\', '    sh', '# ')).toEqual(['unshare --uts \\', '  --pid \\', '    sh']);
    expect(commands('$ echo a\\\\', 'a\\', '$ true')).toEqual(['echo a\\\\', 'true']);
  });

  it('keeps here-documents to their last line', () => {
    expect(commands("$ cat <<'EOF' >a <<-B", '> $ not a prompt', '> EOF', 'b \\', '\tB', 'output')).toEqual([
      "cat <<'EOF' >a <<-B",
      '$ not a prompt',
      'EOF',
      'b \\',
      '\tB',
    ]);
    expect(commands('$ cat <<< EOF', 'EOF')).toEqual(['cat <<< EOF']);
  });

  it('takes what looks like a second prompt in output for output', () => {
    expect(commands('$ diff a b', '> new', '$x')).toEqual(['diff a b']);
  });
});

describe('renderCode of a console', () => {
  it('marks prompts and output, which are not copied, and colours commands alone', () => {
    expect(renderCode('$ echo "a" \\\n> b\nif <c>', 'console')).toBe(
      '<span class="l"><span class="m">$ </span><span class="t">echo </span><span class="s">&quot;a&quot; </span>\\\n</span>' +
        '<span class="l"><span class="m">&gt; </span>b\n</span>' +
        '<span class="l o">if &lt;c&gt;\n</span>',
    );
  });
});
