/** How a reaction counts: every `tap`, or `once` for each user and video. */
export type ReactionPolicy = 'tap' | 'once';
