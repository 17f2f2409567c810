import { paths, type VideoAnswer } from '@likewire/protocol';
import { ROLES } from '../../gateway/src/cluster/membership/peer.ts';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../local-cluster/cleanup.ts';
import { freePort } from '../../local-cluster/free-ports.ts';
import { LocalNode } from '../../local-cluster/nodes/local-node.ts';
import { postLike } from './post-like.ts';
import { type StoredLike, storedLikes } from './stored-likes.ts';

/** A gateway with all roles, and with its own data directory. */
export class TestGateway extends LocalNode {
	/** @param env additional settings. */
	static async create(env: Readonly<Record<string, string>> = {}): Promise<TestGateway> {
		return new TestGateway({
			node: 'node-1',
			roles: ROLES,
			port: await freePort(),
			internalPort: await freePort(),
			dataDir: makeOwnedDirectory(),
			flags: ['--log-level', 'error'],
			env,
			showLog: true,
		});
	}

	/** Shuts the gateway down, and removes its data. */
	async dispose(): Promise<void> {
		await this.stop();
		removeOwnedDirectory(this.dataDir);
	}

	/** Returns the stored likes of a video. */
	storedLikes(video: string): StoredLike[] {
		return storedLikes(this.dataDir, video);
	}

	/** Resolves with the number of viewers of a video. */
	async viewers(video: string): Promise<number | undefined> {
		return ((await (await fetch(this.url + paths.video(video))).json()) as VideoAnswer).viewers;
	}

	/** Sends a like without the SDK, and resolves with its id. Rejects when it is not accepted. */
	like(video: string, type: string, user: string, position?: number): Promise<string> {
		return postLike(this.url, { video, type, user, position });
	}
}
