/// <reference types="@docusaurus/theme-classic" />

declare module '#static-html' {
  /** Markup of a static file; see `plugins/static-html`. */
  export function fragment(src: string): string;
}

declare module '#static-segment' {
  export * from '@site/plugins/static-html/segment.client.tsx';
}
