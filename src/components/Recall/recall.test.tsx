import {renderToStaticMarkup} from 'react-dom/server';
import {expect, it} from 'vitest';
import Recall from './index.tsx';

it('shows what the build put into it', () => {
  const html = renderToStaticMarkup(
    <Recall of="names/question-pid">
      <p>From a chapter</p>
    </Recall>,
  );
  expect(html).toContain('<p>From a chapter</p>');
});
