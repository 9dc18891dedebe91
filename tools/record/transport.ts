/** A running terminal with a shell in it. */
export type Terminal = {
  /** Sends what keys would send. */
  write: (data: string) => void;
  /** Calls back with output, as it comes. There is one listener; what comes before it is set is kept for it. */
  onData: (listener: (data: string) => void) => void;
  /** Calls back when the shell is gone, with its exit status. There is one listener. */
  onExit: (listener: (status: number) => void) => void;
  resize: (cols: number, rows: number) => void;
  /** Ends the shell and all that it started, and waits until that is done. May be called twice. */
  close: () => Promise<void>;
};

export type OpenOptions = {
  cols: number;
  rows: number;
  /** The whole environment of the shell: nothing of the recorder's own reaches it. */
  env: Readonly<Record<string, string>>;
  /**
   * A folder laid out as a root filesystem. What is in it is found at the same place in the terminal's: programs in
   * `usr/local/bin`, start-up files in `root`. Nothing else that this machine has there is seen.
   */
  home: string;
  /** Whether the shell is on a stage, a host made of namespaces, or in the initial namespaces of a machine of ours. Default: stage. */
  host?: 'stage' | 'machine';
};

/** Where recorded shells run: on this machine, or in a virtual one. */
export type Transport = {
  /** Opens a terminal of the given size with an interactive bash, run by root in its home directory. */
  open: (options: OpenOptions) => Promise<Terminal>;
  /** The kernel release that the shells run on, as `uname -r` prints it. */
  kernel: () => Promise<string>;
  /** Frees what is shared between terminals. */
  dispose: () => Promise<void>;
};

/** Why a transport cannot work on this machine, with what to do about it. */
export class TransportUnavailable extends Error {
  override name = 'TransportUnavailable';
}
