/** The half of the bench that runs in the page, the same for every player. */

export type Driver = {
  /** Mounts the player and lets it play from the start. */
  start(container: HTMLElement, cast: string, index: string | undefined): void;
  pause(container: HTMLElement): void;
  /** @param time seconds */
  seek(container: HTMLElement, time: number): void;
  /** What is in the terminal now, as text. */
  text(container: HTMLElement): string;
};

/** What the bench calls in the page. All times are milliseconds, to the painted frame. */
export type BenchPage = {
  start(cast: string, index: string | undefined, text: string): Promise<number>;
  pause(): void;
  seek(time: number, text: string): Promise<number>;
};

declare global {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface is merged with the one of the DOM
  interface Window {
    benchPage: BenchPage;
  }
}

/** Longer than this and a player is not slow but wrong. */
const patience = 60_000;

export function serveBench(driver: Driver): void {
  const container = document.createElement('div');
  document.body.append(container);

  /** Does something and waits for the frame in which `text` is on the screen, whoever draws it and when. */
  const measure = (act: () => void, text: string) =>
    new Promise<number>((resolve, reject) => {
      const {port1, port2} = new MessageChannel();
      // A message sent from within a frame arrives when that frame has been painted.
      const onFrame = () => port2.postMessage(undefined);
      port1.onmessage = () => {
        const ms = performance.now() - start;
        if (driver.text(container).includes(text)) resolve(ms);
        else if (ms > patience) reject(new Error(`${text} did not appear within ${patience / 1000} s`));
        else requestAnimationFrame(onFrame);
      };
      requestAnimationFrame(onFrame);
      const start = performance.now();
      act();
    });

  window.benchPage = {
    start: (cast, index, text) => measure(() => driver.start(container, cast, index), text),
    pause: () => driver.pause(container),
    seek: (time, text) => measure(() => driver.seek(container, time), text),
  };
}
