import { LikewireError } from '../errors.ts';
import type { EventKind } from '../topics/event-kind.ts';
import type { Topic } from '../topics/topic.ts';

/** Whether a video is over. */
export interface End {
	readonly reached: boolean;
	reach(): void;
	/** Throws `video_ended` once the video is over, as the gateway would. */
	refuseWrites(): void;
}

export function createEnd({ id }: Topic): End {
	let reached = false;
	return {
		get reached() {
			return reached;
		},
		reach() {
			reached = true;
		},
		refuseWrites() {
			if (reached) throw new LikewireError('video_ended', `The video "${id}" is over.`);
		},
	};
}

export const ENDED: EventKind<'ended'> = (topic, event) => {
	const end = topic.part(createEnd);
	// Each new stream sends it again.
	if (end.reached) return;
	end.reach();
	topic.events.emit('ended', event);
};
