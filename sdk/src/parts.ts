/** What is loaded beside the first stream, or once it is needed. What a page alone needs is there too: it is small. */
export { connectPage } from './connect-page.ts';
export { explain } from './explain.ts';
export { readHistory } from './kinds/comment-history.ts';
export { deleteComment, likeComment, sendComment } from './kinds/comment-writes.ts';
export { createOwnTyping } from './kinds/own-typing.ts';
export { sendReceipt } from './kinds/receipt.ts';
export { openGateway } from './open-gateway.ts';
export { refusal } from './refusal.ts';
export { createStreamControl } from './stream-control.ts';
