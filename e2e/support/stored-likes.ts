import { join } from 'node:path';
import Database from 'better-sqlite3';

/** A like in the database. */
export interface StoredLike {
	readonly id: string;
	readonly user: string;
	readonly type: string;
}

/** Reads the likes of a video from the data directory of a gateway, which may run. */
export function storedLikes(dataDir: string, video: string): StoredLike[] {
	const database = new Database(join(dataDir, 'likewire.db'), { readonly: true });
	try {
		return database
			.prepare<[string], StoredLike>('SELECT id, user, type FROM likes WHERE topic = ? AND taken_back_at IS NULL')
			.all(`video:${video}`);
	} finally {
		database.close();
	}
}
