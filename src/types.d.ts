/// <reference types="@docusaurus/theme-classic" />

declare module '#static-html' {
  export {fragment} from '../plugins/static-html/fragment.client.ts';
}
