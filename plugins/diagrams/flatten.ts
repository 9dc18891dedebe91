/** What {@link flatten} needs to know. */
export type FlattenOptions = {
  /** What Mermaid drew. */
  markup: string;
  /** Start of all ids: unique to the diagram, for several are in one page. */
  prefix: string;
  /** Role of each colour that a browser may compute. */
  roles: Readonly<Record<string, string>>;
};

/** A drawing that stands on its own, or why there is none. */
export type Flattened = {svg: string; width: number; height: number} | {error: string};

/**
 * Rewrites a drawing of Mermaid so that it needs none of Mermaid's styles: what the browser computed for each element
 * becomes classes for colours and attributes for the rest. Nothing invisible stays, neither do ids, data attributes and
 * digits that no screen shows.
 *
 * Runs in the browser that drew it, and is sent there as text: it uses nothing from outside itself.
 */
export function flatten({markup, prefix, roles}: FlattenOptions): Flattened {
  const namespace = 'http://www.w3.org/2000/svg';
  const host = document.createElement('div');
  host.innerHTML = markup;
  document.body.replaceChildren(host);
  const drawing = host.querySelector('svg');
  if (!drawing) return {error: 'Mermaid gave no drawing'};
  drawing.removeAttribute('style');
  const foreign = new Set<string>();
  const strange = new Set<string>();
  const references = new Map<string, string>();
  const definitions: Element[] = [];

  const round = (value: string): string =>
    value.replace(/-?\d*\.?\d+(?:e-?\d+)?/g, (digits) => String(Math.round(Number(digits) * 10) / 10).replace(/^(-?)0\./, '$1.'));
  const isNone = (paint: string): boolean => paint === 'none' || /^rgba\(.*, 0\)$/.test(paint);
  const roleOf = (paint: string): string => {
    const role = roles[paint];
    if (role === undefined) foreign.add(paint);
    return role ?? 'line';
  };
  const copyAttributes = (from: Element, to: Element, names: readonly string[]): void => {
    for (const name of names) {
      const value = from.getAttribute(name);
      if (value !== null && value !== '') to.setAttribute(name, round(value));
    }
  };

  /** Copies what an id stands for once, and gives its new address. */
  const refer = (url: string): string | null => {
    const id = /#([^"')]+)/.exec(url)?.[1];
    const target = id === undefined ? null : host.querySelector(`[id="${CSS.escape(id)}"]`);
    if (id === undefined || !target) return null;
    let name = references.get(id);
    if (name === undefined) {
      name = `${prefix}-${references.size}`;
      references.set(id, name);
      const copy = document.createElementNS(namespace, target.localName);
      copy.id = name;
      for (const attribute of ['viewBox', 'refX', 'refY', 'markerWidth', 'markerHeight', 'markerUnits', 'orient', 'width', 'height']) {
        const value = target.getAttribute(attribute);
        if (value !== null) copy.setAttribute(attribute, value);
      }
      copy.append(...copyChildren(target));
      definitions.push(copy);
    }
    return name;
  };

  const paint = (from: Element, to: Element): boolean => {
    const style = getComputedStyle(from);
    const classes: string[] = [];
    const isLine = from.localName === 'line';
    const filled = !isNone(style.fill) && !isLine && Number(style.fillOpacity) > 0;
    const stroked = !isNone(style.stroke) && parseFloat(style.strokeWidth) > 0 && Number(style.strokeOpacity) > 0;
    if (filled) classes.push(`f-${roleOf(style.fill)}`);
    else if (!isLine) to.setAttribute('fill', 'none');
    if (stroked) {
      classes.push(`s-${roleOf(style.stroke)}`);
      const width = round(style.strokeWidth.replace('px', ''));
      if (width !== '1') to.setAttribute('stroke-width', width);
      const dashes = style.strokeDasharray.replace(/px/g, '').replace(/,\s*/g, ' ');
      if (dashes !== 'none' && !/^(0( 0)*|1 0)$/.test(dashes)) to.setAttribute('stroke-dasharray', round(dashes));
    }
    // What is behind the label of an edge hides the edge: a label is read, not guessed.
    if (style.opacity !== '1' && !from.classList.contains('background')) to.setAttribute('opacity', style.opacity);
    if (classes.length > 0) to.setAttribute('class', classes.join(' '));
    for (const end of ['marker-start', 'marker-mid', 'marker-end']) {
      const value = style.getPropertyValue(end);
      const name = value === '' || value === 'none' ? null : refer(value);
      if (name !== null) to.setAttribute(end, `url(#${name})`);
    }
    return filled || stroked || to.hasAttribute('marker-start') || to.hasAttribute('marker-end');
  };

  /** Style of text that differs from what the stylesheet gives all text of diagrams. */
  const textStyle = (from: Element): Record<string, string> => {
    const style = getComputedStyle(from);
    const found: Record<string, string> = {};
    if (style.fontSize !== '16px') found['font-size'] = round(style.fontSize.replace('px', ''));
    if (style.fontWeight !== '400') found['font-weight'] = style.fontWeight;
    if (style.fontStyle !== 'normal') found['font-style'] = style.fontStyle;
    if (style.textDecorationLine !== 'none') found['text-decoration'] = style.textDecorationLine;
    return found;
  };

  /** Text of an element: words of one style joined, words of another in a tspan. */
  const copyWords = (from: Element, to: Element, around: Readonly<Record<string, string>>): void => {
    for (const child of from.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) {
        to.append(child.textContent ?? '');
        continue;
      }
      if (!(child instanceof Element)) continue;
      const own = textStyle(child);
      const differs = Object.entries(own).some(([name, value]) => around[name] !== value);
      if (!differs) {
        copyWords(child, to, around);
        continue;
      }
      const span = document.createElementNS(namespace, 'tspan');
      for (const [name, value] of Object.entries(own)) if (around[name] !== value) span.setAttribute(name, value);
      copyWords(child, span, own);
      if (span.textContent !== '') to.append(span);
    }
  };

  /** Where the glyphs of a text begin and end, and their baseline whatever `dominant-baseline` made of it. */
  const placeOf = (row: SVGTextContentElement, text: SVGTextContentElement): {left: number; right: number; y: number} => {
    const [start, end] = [row.getStartPositionOfChar(0), row.getEndPositionOfChar(row.getNumberOfChars() - 1)];
    const drawn = text.getBBox().y;
    const before = text.style.dominantBaseline;
    text.style.dominantBaseline = 'alphabetic';
    const alphabetic = row.getStartPositionOfChar(0).y;
    const shift = drawn - text.getBBox().y;
    text.style.dominantBaseline = before;
    return {left: start.x, right: end.x, y: alphabetic + shift};
  };

  /**
   * Text, a `<text>` for each of its rows. Each is as long as it was drawn, whatever font the reader has: a wider one is
   * condensed, so that it stays in its box and clear of lines.
   */
  const copyText = (from: Element): Element[] => {
    if (!(from instanceof SVGTextContentElement) || from.textContent.trim() === '') return [];
    const rows = [...from.children].filter((child) => child instanceof SVGTextContentElement && child.hasAttribute('x'));
    return (rows.length > 0 ? (rows as SVGTextContentElement[]) : [from]).flatMap((row) => {
      if (row.textContent.trim() === '') return [];
      const {left, right, y} = placeOf(row, from);
      const text = document.createElementNS(namespace, 'text');
      text.setAttribute('x', round(String((left + right) / 2)));
      text.setAttribute('y', round(String(y)));
      text.setAttribute('text-anchor', 'middle');
      text.setAttribute('textLength', round(String(right - left)));
      text.setAttribute('lengthAdjust', 'spacingAndGlyphs');
      copyAttributes(from, text, ['transform']);
      const own = textStyle(row);
      for (const [name, value] of Object.entries(own)) text.setAttribute(name, value);
      text.setAttribute('class', `f-${roleOf(getComputedStyle(row.querySelector('tspan') ?? row).fill)}`);
      copyWords(row, text, own);
      // Lifelines run behind the labels of messages: the label hides its piece of them.
      return from.classList.contains('messageText') ? [ground(from, left, right), text] : [text];
    });
  };

  /** What hides the lines behind a label, from `left` to `right`, with some room at both sides. */
  const ground = (label: SVGTextContentElement, left: number, right: number): Element => {
    const {y, height} = label.getBBox();
    const rect = document.createElementNS(namespace, 'rect');
    const size = {x: left - 3, y, width: right - left + 6, height};
    for (const [name, value] of Object.entries(size)) rect.setAttribute(name, round(String(value)));
    copyAttributes(label, rect, ['transform']);
    rect.setAttribute('class', 'f-back');
    return rect;
  };

  const geometry: Record<string, readonly string[]> = {
    path: ['d'],
    rect: ['x', 'y', 'width', 'height', 'rx', 'ry'],
    circle: ['cx', 'cy', 'r'],
    ellipse: ['cx', 'cy', 'rx', 'ry'],
    line: ['x1', 'y1', 'x2', 'y2'],
    polygon: ['points'],
    polyline: ['points'],
  };

  const copyShape = (from: Element, names: readonly string[]): Element | null => {
    const shape = document.createElementNS(namespace, from.localName);
    copyAttributes(from, shape, [...names, 'transform']);
    if (from.localName === 'rect' && !(Number(from.getAttribute('width')) > 0 && Number(from.getAttribute('height')) > 0)) return null;
    if (from.classList.contains('background')) {
      // The edge must not touch the first letter of its label, nor the last.
      shape.setAttribute('x', round(String(Number(from.getAttribute('x')) - 3)));
      shape.setAttribute('width', round(String(Number(from.getAttribute('width')) + 6)));
    }
    return paint(from, shape) ? shape : null;
  };

  const copy = (from: Element): Element[] => {
    const style = getComputedStyle(from);
    if (style.display === 'none' || style.visibility === 'hidden') return [];
    const names = geometry[from.localName];
    if (names) return [copyShape(from, names)].filter((shape) => shape !== null);
    switch (from.localName) {
      case 'g': {
        const children = copyChildren(from);
        const transform = from.getAttribute('transform');
        if (children.length === 0 || transform === null || /^translate\(0(, ?0)?\)$/.test(transform)) return children;
        const group = document.createElementNS(namespace, 'g');
        group.setAttribute('transform', round(transform).replace(/, /g, ' '));
        group.append(...children);
        return [group];
      }
      case 'text':
        return copyText(from);
      case 'use': {
        const name = refer(from.getAttribute('href') ?? from.getAttribute('xlink:href') ?? '');
        if (name === null) return [];
        const use = document.createElementNS(namespace, 'use');
        copyAttributes(from, use, ['x', 'y', 'width', 'height', 'transform']);
        use.setAttribute('href', `#${name}`);
        return [use];
      }
      case 'style':
      case 'title':
      case 'desc':
      case 'defs':
      case 'marker':
      case 'symbol':
      case 'linearGradient':
        return [];
      default:
        strange.add(from.localName);
        return [];
    }
  };

  function copyChildren(from: Element): Element[] {
    return [...from.children].flatMap(copy);
  }

  const box = drawing.viewBox.baseVal;
  const [width, height] = [Math.ceil(box.width), Math.ceil(box.height)];
  if (width === 0 || height === 0) return {error: 'the drawing is empty'};
  const title = (drawing.querySelector('title')?.textContent ?? '').replace(/\s+/g, ' ').trim();
  const description = (drawing.querySelector('desc')?.textContent ?? '').replace(/\s+/g, ' ').trim();
  const result = document.createElementNS(namespace, 'svg');
  result.setAttribute('xmlns', namespace);
  result.setAttribute('viewBox', round(`${box.x} ${box.y} ${width} ${height}`));
  result.setAttribute('width', String(width));
  result.setAttribute('height', String(height));
  result.setAttribute('role', 'img');
  result.setAttribute('aria-labelledby', `${prefix}-t`);
  result.setAttribute('aria-describedby', `${prefix}-d`);
  for (const [name, id, text] of [
    ['title', `${prefix}-t`, title],
    ['desc', `${prefix}-d`, description],
  ] as const) {
    const element = document.createElementNS(namespace, name);
    element.id = id;
    element.textContent = text;
    result.append(element);
  }
  const body = copyChildren(drawing);
  if (definitions.length > 0) {
    const defs = document.createElementNS(namespace, 'defs');
    defs.append(...definitions);
    result.append(defs);
  }
  result.append(...body);
  if (strange.size > 0)
    return {error: `its drawing has elements that are not supported here: ${[...strange].map((name) => `<${name}>`).join(', ')}`};
  if (foreign.size > 0)
    return {error: `it has colours of its own (${[...foreign].join('; ')}), which would be wrong in light or in dark; remove them`};
  return {svg: new XMLSerializer().serializeToString(result), width, height};
}
