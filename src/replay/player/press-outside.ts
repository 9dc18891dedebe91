import {useEffect, useRef, type RefObject} from 'react';

/** While `active`, a press anywhere but in `inside` calls `close`. */
export function usePressOutside(active: boolean, inside: RefObject<HTMLElement | null>[], close: () => void): void {
  const latest = useRef({inside, close});
  useEffect(() => {
    latest.current = {inside, close};
  });
  useEffect(() => {
    if (!active) return;
    const onPress = ({target}: PointerEvent) => {
      if (!latest.current.inside.some(({current}) => target instanceof Node && current?.contains(target))) latest.current.close();
    };
    document.addEventListener('pointerdown', onPress);
    return () => document.removeEventListener('pointerdown', onPress);
  }, [active]);
}
