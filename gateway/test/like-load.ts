import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { videoTopic } from '../src/state/topics/topic.ts';
import { postLike } from './http-client.ts';

/** Viewers who like a video as fast as they get answers. */
export class LikeLoad {
	/** Ids by what became of them: the status of the answer, or 0 for none. */
	readonly outcomes = new Map<string, number>();
	readonly #video: string;
	readonly #viewers: Promise<void>[];
	#stopped = false;

	constructor(gateway: { readonly url: string }, video: string, viewers = 16) {
		this.#video = video;
		this.#viewers = Array.from({ length: viewers }, () => this.#like(gateway));
	}

	/** Ids whose answer was this. */
	idsWith(...statuses: readonly number[]): string[] {
		return [...this.outcomes].filter(([, status]) => statuses.includes(status)).map(([id]) => id);
	}

	/** Lets what is under way come to its end, and likes no more. */
	async stop(): Promise<void> {
		this.#stopped = true;
		await Promise.all(this.#viewers);
	}

	async #like(gateway: { readonly url: string }): Promise<void> {
		while (!this.#stopped) {
			const id = randomUUID();
			this.outcomes.set(id, 0);
			try {
				const response = await postLike(gateway, this.#video, { id });
				await response.arrayBuffer();
				this.outcomes.set(id, response.status);
			} catch {
				// No answer: the gateway is gone.
				return;
			}
		}
	}
}

/** The ids of the likes of a video that stand in a database. */
export function storedLikes(dataDir: string, video: string): Set<string> {
	const database = new Database(join(dataDir, 'likewire.db'), { readonly: true });
	try {
		const rows = database
			.prepare<[string], { id: string }>('SELECT id FROM likes WHERE topic = ? AND taken_back_at IS NULL')
			.all(videoTopic(video));
		return new Set(rows.map(({ id }) => id));
	} finally {
		database.close();
	}
}
