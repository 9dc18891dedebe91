import {createElement, useEffect, useState, type ComponentType, type ReactNode} from 'react';

type OnDemandProps<P> = {load: () => Promise<ComponentType<P>>; props: P; say: (text: string) => void};

/** A part of the player whose code is fetched when it is used. */
export function OnDemand<P extends object>({load, props, say}: OnDemandProps<P>): ReactNode {
  const [loaded, setLoaded] = useState<{part: ComponentType<P>}>();
  useEffect(() => {
    let current = true;
    load().then(
      (part) => current && setLoaded({part}),
      () => current && say('This part of the player could not be loaded. Try again.'),
    );
    return () => {
      current = false;
    };
  }, [load, say]);
  return loaded && createElement(loaded.part, props);
}
