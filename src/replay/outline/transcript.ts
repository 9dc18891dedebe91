import {escapeHtml} from '../../terminal/html.ts';
import {formatTime} from './time.ts';
import type {Command, ReplayIndex, Screen} from './types.ts';

/**
 * A recording as text, for those who do not play it and for search: captions, commands with their time, output, exit
 * status other than 0, and the screens of full-screen programs.
 *
 * Each part has a class `transcript-…` and, in `data-time`, its moment in seconds.
 */
export function transcriptHtml({commands, markers}: Pick<ReplayIndex, 'commands' | 'markers'>): string {
  const parts = [
    ...markers.map(({time, label}) => ({
      time,
      html: `<p class="transcript-caption" data-time="${seconds(time)}">${escapeHtml(label)}</p>`,
    })),
    ...commands.map((command) => ({time: command.time, html: commandHtml(command)})),
  ];
  // Sorting keeps the order of equals: a caption comes before the command that it is about.
  return parts
    .sort((a, b) => a.time - b.time)
    .map(({html}) => html)
    .join('');
}

function commandHtml({time, prompt, text, output, exit, screens = []}: Command): string {
  const when = `<time class="transcript-time" datetime="PT${seconds(time)}S">${formatTime(time)}</time>`;
  const lead = prompt ? `<span class="transcript-prompt">${escapeHtml(prompt)} </span>` : '';
  // The time stands outside the line, or whoever selects and copies the line would have it before the command.
  const line = text ? `${when}<pre class="transcript-line">${lead}<kbd>${escapeHtml(text)}</kbd></pre>` : '';
  const result = output ? `<pre class="transcript-output"><samp>${escapeHtml(output)}</samp></pre>` : '';
  const status = exit ? `<p class="transcript-exit">Exit status ${exit}</p>` : '';
  return `<div class="transcript-command" data-time="${seconds(time)}">${line}${screens.map(screenHtml).join('')}${result}${status}</div>`;
}

function screenHtml({time, text}: Screen): string {
  const when = `<time datetime="PT${seconds(time)}S">${formatTime(time)}</time>`;
  return `<p class="transcript-screen-time" data-time="${seconds(time)}">Screen at ${when}</p><pre class="transcript-screen"><samp>${escapeHtml(text)}</samp></pre>`;
}

/** Milliseconds are more than anyone sees. */
function seconds(time: number): string {
  return String(Math.round(time * 1000) / 1000);
}
