import {useSyncExternalStore} from 'react';

const never = (): (() => void) => () => undefined;

/** False in the HTML that is sent and while it hydrates, true once script runs: for controls that are useless without script. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
