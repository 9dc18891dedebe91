/** Whether we were asked to end, and the exit status that says so. */
export type Interruption = {readonly signal: AbortSignal; status?: number};

/**
 * Signals that end us, turned into an orderly end. When npm started us and is killed
 * itself, nobody tells us, but our parent changes: that counts as SIGTERM.
 */
export function interruptions(): Interruption {
  const controller = new AbortController();
  const interruption: Interruption = {signal: controller.signal};
  const interrupt = (status: number) => {
    if (interruption.status !== undefined) process.exit(status); // Asked twice.
    interruption.status = status;
    controller.abort();
  };
  process.on('SIGHUP', () => interrupt(129));
  process.on('SIGINT', () => interrupt(130));
  process.on('SIGTERM', () => interrupt(143));
  if (process.env.npm_lifecycle_event) {
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) interrupt(143);
    }, 500).unref();
  }
  return interruption;
}
