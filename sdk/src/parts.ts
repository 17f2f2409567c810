/** What a page loads beside the first stream, or once it is needed. */
export * from './common-parts.ts';
export { shareTabs } from './tabs/share-tabs.ts';
