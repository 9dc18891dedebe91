/** Recordings made up for the bench: as large as asked, always the same, and of the mix that real sessions are. */

/** A moment at which something that is nowhere else in the recording is on the screen. */
export type Landmark = {
  /** Seconds. */
  time: number;
  /** Text that is in the terminal from this moment on, and was not before. */
  text: string;
};

export type MadeCast = {
  /** Asciicast v3 file. */
  file: string;
  /** Seconds. */
  duration: number;
  landmarks: Landmark[];
  events: number;
};

export const cols = 100;
export const rows = 30;

/** Mulberry32: a small generator whose numbers are the same everywhere. @returns numbers from 0 up to 1 */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A shell session of `bytes` bytes: commands typed letter by letter, logs in colour, a build with a progress bar, file
 * lists, text beyond ASCII, and full-screen programs that redraw with cursor movements. Each step leaves a number on
 * the screen that appears nowhere else, by which a bench sees that a seek has arrived.
 */
export function makeCast(bytes: number, seed: number): MadeCast {
  const random = randomFrom(seed);
  const whole = (below: number) => Math.floor(random() * below);
  const pick = <T>(list: readonly [T, ...T[]]): T => list[whole(list.length)] ?? list[0];
  const lines: string[] = [
    JSON.stringify({
      version: 3,
      term: {cols, rows, type: 'xterm-256color'},
      timestamp: 1_777_000_000,
      title: `Bench, ${bytes} bytes, seed ${seed}`,
    }),
  ];
  const landmarks: Landmark[] = [];
  let size = (lines[0]?.length ?? 0) + 1;
  let now = 0; // milliseconds, as the file has them
  let step = 0;
  const emit = (after: number, data: string, code = 'o') => {
    const interval = Math.max(0, Math.round(after));
    now += interval;
    const line = JSON.stringify([interval / 1000, code, data]);
    lines.push(line);
    size += Buffer.byteLength(line) + 1;
  };
  const word = () =>
    pick(['cgroup', 'mount', 'veth0', 'overlay', 'pivot_root', 'clone3', 'namespace', 'sheep', 'shepherd', 'netlink', 'seccomp', 'layer']);
  const colour = (n: number, text: string) => `\x1b[${n}m${text}\x1b[0m`;
  const landmark = (after: number, draw: (text: string) => string) => {
    const text = `<${String(++step).padStart(7, '0')}>`;
    emit(after, draw(text));
    landmarks.push({time: now / 1000, text});
  };
  const type = (command: string) => {
    landmark(step === 0 ? 0 : 400, (text) => `\x1b]133;A\x07${colour(32, 'meadow')} ${text} $ \x1b]133;B\x07`);
    for (const letter of command) emit(60 + whole(140), letter);
    emit(200, '\r\n\x1b]133;C\x07');
  };
  const done = () => emit(20, `\x1b]133;D;${whole(8) === 0 ? 1 : 0}\x07`);

  const log = () => {
    type(`journalctl -u ${word()} -n ${100 + whole(900)}`);
    for (let chunks = 60 + whole(180); chunks > 0; chunks--) {
      let chunk = '';
      for (let n = 1 + whole(3); n > 0; n--) {
        const level = pick([colour(36, 'INFO '), colour(36, 'INFO '), colour(33, 'WARN '), colour(31, 'ERROR')]);
        chunk += `${colour(90, new Date(1_777_000_000_000 + now).toISOString())} ${level} ${colour(1, word())}: ${word()} ${word()} id=${whole(1e6)} took ${whole(900)}ms\r\n`;
      }
      emit(5 + whole(60), chunk);
    }
    done();
  };
  const build = () => {
    type(`go build ./${word()}/...`);
    for (let percent = 0; percent <= 100; percent += 1 + whole(3)) {
      const bar = '█'.repeat(percent / 2.5).padEnd(40, '░');
      emit(15 + whole(50), `\r\x1b[K${colour(35, bar)} ${String(percent).padStart(3)} % ${word()}.go`);
    }
    emit(30, '\r\n');
    done();
  };
  const list = () => {
    type('ls -la --color');
    let chunk = `total ${whole(900)}\r\n`;
    for (let n = 20 + whole(60); n > 0; n--) {
      const name = pick([
        colour(34, `${word()}/`),
        `${word()}.go`,
        colour(32, word()),
        `\x1b[38;5;${16 + whole(216)}m${word()}.tar\x1b[0m`,
        '羊飼い.md',
        'Schäfer — notes.txt',
      ]);
      chunk += `drwxr-xr-x ${1 + whole(9)} root root ${String(whole(1e6)).padStart(7)} Apr 28 10:${10 + whole(49)} ${name}\r\n`;
    }
    emit(30, chunk);
    done();
  };
  const top = () => {
    type('top');
    emit(40, '\x1b[?1049h\x1b[?25l\x1b[2J');
    for (let turns = 10 + whole(30); turns > 0; turns--) {
      landmark(500 + whole(500), (text) => {
        let screen = `\x1b[H${text} tasks ${whole(400)}, load ${random().toFixed(2)}\x1b[K`;
        for (let row = 3; row <= rows; row++) {
          screen += `\x1b[${row};1H${row % 7 === 0 ? '\x1b[7m' : ''}${String(whole(99999)).padStart(6)} root ${colour(31 + (row % 6), (random() * 100).toFixed(1).padStart(5))} ${word().padEnd(20)}${word()}\x1b[K\x1b[0m`;
        }
        return screen;
      });
    }
    emit(30, '\x1b[?25h\x1b[?1049l');
    done();
  };
  const edit = () => {
    type(`vi ${word()}.go`);
    emit(40, `\x1b[?1049h\x1b[2J\x1b[1;${rows - 1}r\x1b[H`);
    for (let turns = 40 + whole(120); turns > 0; turns--) {
      emit(
        40 + whole(120),
        `\x1b[${1 + whole(rows - 1)};${1 + whole(cols - 20)}H${pick([colour(34, 'func'), colour(32, '"sheep"'), word()])}`,
      );
      if (whole(6) === 0) emit(40, `\x1b[${rows - 1};1H\n${word()} ${word()}`);
    }
    emit(30, '\x1b[r\x1b[?1049l');
    done();
  };

  while (size < bytes) pick([log, log, log, build, list, list, top, top, edit])();
  landmark(400, (text) => `${text} $ `);
  emit(2000, '');
  return {file: `${lines.join('\n')}\n`, duration: now / 1000, landmarks, events: lines.length - 1};
}
