export { type Burst, createHearts, type Hearts, type HeartsOptions } from './hearts.ts';
export { paintReaction, type ReactionPainter } from './reactions.ts';
