/** What is loaded beside the first stream, or once it is needed. */
export { explain } from './explain.ts';
export { readHistory } from './kinds/comment-history.ts';
export { shareTabs } from './tabs/share-tabs.ts';
export { startQueue } from './writes/start-queue.ts';
