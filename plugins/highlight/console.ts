/** A line of a terminal session, as a `console` fence shows it. */
export type ConsoleLine =
  | {kind: 'command'; /** What stands before it: `$ `, `host:~# `, or `> ` where the shell waits for more. */ prompt: string; text: string}
  | {kind: 'output'; text: string};

/** `$ `, or what our terminals print: the machine's name, the folder, and `#` for root. */
const prompt = /^(?:[a-z][a-z0-9-]*:[~/]\S*)?[$] |^[a-z][a-z0-9-]*:[~/]\S*# /;
const secondPrompt = '> ';

/** Words that end the here-documents which a line begins: `<<EOF`, `<<-'EOF'`. A here-string, `<<<`, begins none. */
function hereDocuments(line: string): string[] {
  return [...line.matchAll(/(?<!<)<<-?\s*(["']?)([A-Za-z_]\w*)\1/g)].flatMap(([, , word]) => word ?? []);
}

/** Whether a backslash at the end of the line, itself not escaped, joins the next to it. */
const continues = (line: string): boolean => (/\\*$/.exec(line)?.[0].length ?? 0) % 2 === 1;

/**
 * Tells commands from output in a terminal session. A command is a line that begins with a prompt, the lines that a
 * backslash at its end joins to it, and the here-documents that it begins. Those lines may carry the shell's second
 * prompt, `> ` (POSIX.1-2024, Shell Command Language, 2.5.3: PS1 and PS2).
 */
export function parseConsole(code: string): ConsoleLine[] {
  let open = false;
  let words: string[] = [];
  return code.split('\n').map((line): ConsoleLine => {
    const goesOn = open || words.length > 0;
    const [first] = prompt.exec(line) ?? [];
    if (!goesOn && first === undefined) return {kind: 'output', text: line};
    const before = goesOn ? (line.startsWith(secondPrompt) ? secondPrompt : '') : (first ?? '');
    const text = line.slice(before.length);
    if (words.length > 0) {
      if (text.replace(/^\t+/, '') === words[0]) words = words.slice(1);
    } else {
      open = continues(text);
      words = hereDocuments(text);
    }
    return {kind: 'command', prompt: before, text};
  });
}
