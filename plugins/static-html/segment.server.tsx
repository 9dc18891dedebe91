import type {ReactNode} from 'react';

type Props = {
  /** Key of the document and place of the segment in it. */
  id: string;
  children: ReactNode;
};

/** A segment in the HTML that is sent: what it holds, and where it begins and ends. */
export function StaticSegment({id, children}: Props): ReactNode {
  return (
    <div className="ss-static" data-static={id}>
      {children}
    </div>
  );
}

/** On the server all segments are there. */
export async function arrive(_key: string): Promise<void> {
  // Nothing to wait for.
}
