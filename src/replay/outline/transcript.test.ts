import {expect, test} from 'vitest';
import {transcriptHtml} from './index.ts';

test('A transcript has the screens of a full-screen program between its command and its output', () => {
  const command = {
    promptTime: 0,
    time: 1,
    end: 9,
    prompt: '$',
    text: 'top',
    output: 'bye',
    screens: [{time: 61.5, text: '  PID <1>\n    1'}],
  };
  expect(transcriptHtml({commands: [command], markers: []})).toBe(
    '<div class="transcript-command" data-time="1"><time class="transcript-time" datetime="PT1S">0:01</time>' +
      '<pre class="transcript-line"><span class="transcript-prompt">$ </span><kbd>top</kbd></pre>' +
      '<p class="transcript-screen-time" data-time="61.5">Screen at <time datetime="PT61.5S">1:01</time></p>' +
      '<pre class="transcript-screen"><samp>  PID &lt;1&gt;\n    1</samp></pre>' +
      '<pre class="transcript-output"><samp>bye</samp></pre></div>',
  );
});
