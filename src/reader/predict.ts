/**
 * What a `<Predict>` (src/components/Predict) does beyond its style sheet: one listener for all of them. A choice unfolds the
 * answer and is told to assistive technology. Arrow keys go from choice to choice without choosing, as in the radio group in a
 * toolbar of the ARIA Authoring Practices: the choice that they pass on the way would show the answer.
 */
const steps: Readonly<Record<string, number>> = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1};

/** The prediction that an event is about, and the choice in it. */
function choiceOf({target}: Event): {predict: HTMLElement; radio: HTMLInputElement} | null {
  if (!(target instanceof HTMLInputElement) || target.type !== 'radio') return null;
  const predict = target.closest<HTMLElement>('[data-predict]');
  return predict && {predict, radio: target};
}

if (typeof document !== 'undefined') {
  document.addEventListener('change', (event) => {
    const found = choiceOf(event);
    if (!found) return;
    const {predict, radio} = found;
    const told = predict.querySelector(':scope > [role=status]');
    const isRight = radio.closest('[data-right]') !== null;
    if (told) told.textContent = isRight ? 'That is what happens.' : 'That is not what happens.';
    const answer = predict.querySelector<HTMLDetailsElement>(':scope > details');
    if (answer) answer.open = true;
  });
  document.addEventListener('keydown', (event) => {
    const found = choiceOf(event);
    const step = steps[event.key];
    if (!found || step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const radios = [...found.predict.querySelectorAll<HTMLInputElement>('input[type=radio]')];
    radios.at((radios.indexOf(found.radio) + step) % radios.length)?.focus();
  });
}

export {};
