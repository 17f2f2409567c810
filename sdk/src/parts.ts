/**
 * What a client loads with the first stream, or once it is needed.
 * The part for pages alone is in it, since it is small.
 */
export { connectPage } from './connect-page.ts';
export { explain } from './explain.ts';
export { readHistory } from './kinds/comment-history.ts';
export { deleteComment, likeComment, sendComment } from './kinds/comment-writes.ts';
export { createOwnTyping } from './kinds/own-typing.ts';
export { sendReceipt } from './kinds/receipt.ts';
export { openGateway } from './open-gateway.ts';
export { refusal } from './refusal.ts';
export { createStreamControl } from './stream-control.ts';

type Past = typeof import('./kinds/timeline.ts');

// Few pages read reactions of the past.
const load = () => import('./kinds/timeline.ts');
export const timeline: Past['timeline'] = async (...call) => (await load()).timeline(...call);
export const highlights: Past['highlights'] = async (...call) => (await load()).highlights(...call);
