import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { videoTopic } from '../src/state/topics/topic.ts';
import { postLike } from './http-client.ts';

/** Viewers that like a video as fast as they get answers. */
export class LikeLoad {
	/** The status of the answer by the id of the like; 0 without an answer. */
	readonly outcomes = new Map<string, number>();
	readonly #video: string;
	readonly #viewers: Promise<void>[];
	#stopped = false;

	constructor(gateway: { readonly url: string }, video: string, viewers = 16) {
		this.#video = video;
		this.#viewers = Array.from({ length: viewers }, () => this.#like(gateway));
	}

	/** Returns the ids of likes with one of these statuses. */
	idsWith(...statuses: readonly number[]): string[] {
		return [...this.outcomes].filter(([, status]) => statuses.includes(status)).map(([id]) => id);
	}

	/** Sends no more likes, and waits for the running ones. */
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
				// No answer: the gateway is down.
				return;
			}
		}
	}
}

/** Returns the ids of the valid likes of a video in a database. */
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
