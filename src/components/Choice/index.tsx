import {Children, isValidElement, type FunctionComponent, type ReactElement, type ReactNode} from 'react';

/** The children that are a given component, in their order: how a component finds its parts. */
export function only<Props>(children: ReactNode, component: FunctionComponent<Props>): ReactElement<Props>[] {
  return Children.toArray(children).filter((child): child is ReactElement<Props> => isValidElement(child) && child.type === component);
}

/** The children that are none of the given components: what stands before the parts. */
export function without(children: ReactNode, ...components: readonly unknown[]): ReactNode[] {
  return Children.toArray(children).filter((child) => !isValidElement(child) || !components.includes(child.type));
}

export type ChoiceProps = {
  /** Set on what is right: one choice of a `<Question>`, one or more of a `<Predict>`. */
  correct?: boolean;
  /** The choice, on one line of MDX (it becomes a label, which holds no paragraphs). */
  children: ReactNode;
};

/** One possible answer; the `<Question>` or `<Predict>` that it is in reads and draws it. */
export function Choice({children}: ChoiceProps): ReactNode {
  return children;
}
