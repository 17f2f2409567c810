import { randomUUID } from 'node:crypto';
import { paths } from '@likewire/protocol';
import { type LoadOptions, RetryingLoad, type Sent, type Writer } from './retrying-load.ts';

const TYPES = ['heart', 'like', 'clap'];

/** A like, and its answer. */
export interface SentLike extends Sent {
	readonly type: string;
}

/** A constant load of likes. */
export class LikeLoad extends RetryingLoad<SentLike> {
	constructor(options: LoadOptions) {
		super('liker', options);
	}

	protected async send(video: string, liker: Writer): Promise<void> {
		const like: SentLike = {
			id: randomUUID(),
			video,
			type: this.pick(TYPES),
			user: liker.user,
			region: this.regionOf(liker),
			sentAt: performance.now(),
		};
		const { id, type, region } = like;
		this.sent.set(id, like);
		const acceptedAt = await this.sendUntilAnswered(liker, {
			what: `the like ${id}`,
			method: 'POST',
			path: paths.likes(video),
			body: { id, type, region },
		});
		if (acceptedAt !== undefined) like.acceptedAt = acceptedAt;
	}
}
