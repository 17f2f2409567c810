/** As `../parts.ts`, without what shares a stream between tabs. */
export { explain } from '../explain.ts';
export { readHistory } from '../kinds/comment-history.ts';
export { startQueue } from '../writes/start-queue.ts';
