import type {MermaidConfig} from 'mermaid';

/**
 * The colours of diagrams. Mermaid draws with one made-up colour per role; the drawing's elements then get classes for
 * the roles (`f-node` fill, `s-node` stroke), and src/css/diagram.css gives each role its colour in light and in dark.
 */
export const roles = [
  'text',
  'muted',
  'line',
  'back',
  'node',
  'node-edge',
  'group',
  'group-edge',
  'note',
  'note-edge',
  'active',
  'active-edge',
  // Classes that an author may give to nodes, each with its fill and edge.
  'host',
  'host-edge',
  'kernel',
  'kernel-edge',
  'container',
  'container-edge',
  'accent',
  'accent-edge',
  'danger',
  'danger-edge',
] as const;
export type Role = (typeof roles)[number];

/** Classes that authors write as `node:::host`. */
export const nodeClasses = ['host', 'kernel', 'container', 'accent', 'danger'] as const;

/** The made-up colour of a role: none of Mermaid's own, none that it would derive from another. */
const stand = (role: Role): string => `#f1${(0x0e10 + roles.indexOf(role)).toString(16).padStart(4, '0')}`;

/** Roles by the colour that a browser computes for them, such as `rgb(241, 14, 16)`. */
export const roleOfColor: Readonly<Record<string, Role>> = Object.fromEntries(
  roles.map((role) => {
    const value = parseInt(stand(role).slice(1), 16);
    return [`rgb(${value >> 16}, ${(value >> 8) & 0xff}, ${value & 0xff})`, role];
  }),
);

/**
 * Font of all diagrams. Arial, or what has its widths (Helvetica, Liberation Sans, Arimo), is on most machines of readers.
 * They are drawn with Arimo on every machine (render.ts), and each text keeps the length that it had then (flatten.ts).
 */
export const fontFamily = 'Arial, Helvetica, "Liberation Sans", Arimo, sans-serif';

/** How Mermaid draws. Part of the name of each drawing: a change makes all of them stale. */
export const config: MermaidConfig = {
  startOnLoad: false,
  securityLevel: 'strict',
  theme: 'base',
  fontFamily,
  // Labels as SVG text: HTML in SVG is measured and clipped differently by each browser.
  htmlLabels: false,
  flowchart: {htmlLabels: false, padding: 14, subGraphTitleMargin: {top: 8, bottom: 8}},
  sequence: {mirrorActors: false, actorMargin: 60},
  themeCSS: '.actor-line, .loopLine {stroke-width: 1px !important}',
  themeVariables: {
    fontFamily,
    fontSize: '16px',
    background: stand('back'),
    primaryColor: stand('node'),
    primaryTextColor: stand('text'),
    primaryBorderColor: stand('node-edge'),
    secondaryColor: stand('group'),
    secondaryTextColor: stand('text'),
    secondaryBorderColor: stand('group-edge'),
    tertiaryColor: stand('back'),
    tertiaryTextColor: stand('text'),
    tertiaryBorderColor: stand('group-edge'),
    lineColor: stand('line'),
    textColor: stand('text'),
    mainBkg: stand('node'),
    nodeBorder: stand('node-edge'),
    nodeTextColor: stand('text'),
    titleColor: stand('text'),
    arrowheadColor: stand('line'),
    defaultLinkColor: stand('line'),
    edgeLabelBackground: stand('back'),
    clusterBkg: stand('group'),
    clusterBorder: stand('group-edge'),
    // Sequence diagrams
    actorBkg: stand('node'),
    actorBorder: stand('node-edge'),
    actorTextColor: stand('text'),
    actorLineColor: stand('muted'),
    signalColor: stand('line'),
    signalTextColor: stand('text'),
    labelBoxBkgColor: stand('group'),
    labelBoxBorderColor: stand('group-edge'),
    labelTextColor: stand('text'),
    loopTextColor: stand('text'),
    noteBkgColor: stand('note'),
    noteBorderColor: stand('note-edge'),
    noteTextColor: stand('text'),
    activationBkgColor: stand('active'),
    activationBorderColor: stand('active-edge'),
    sequenceNumberColor: stand('back'),
    // State diagrams
    transitionColor: stand('line'),
    transitionLabelColor: stand('text'),
    stateLabelColor: stand('text'),
    stateBkg: stand('node'),
    labelBackgroundColor: stand('back'),
    compositeBackground: stand('group'),
    compositeTitleBackground: stand('group'),
    compositeBorder: stand('group-edge'),
    altBackground: stand('group'),
    innerEndBackground: stand('line'),
    specialStateColor: stand('line'),
    errorBkgColor: stand('danger'),
    errorTextColor: stand('text'),
  },
};

/** Definitions of the classes, to be put after the source of diagrams that have classes. */
export const classDefinitions: string = nodeClasses
  .map((name) => `classDef ${name} fill:${stand(name)},stroke:${stand(`${name}-edge`)},color:${stand('text')}`)
  .join('\n');
