import { paths, type VideoAnswer } from '@likewire/protocol';
import { ROLES } from '../../gateway/src/cluster/peers.ts';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../local-cluster/cleanup.ts';
import { freePort } from '../../local-cluster/free-ports.ts';
import { LocalNode } from '../../local-cluster/nodes/local-node.ts';
import { postLike } from './post-like.ts';
import { type StoredLike, storedLikes } from './stored-likes.ts';

/** A gateway that does everything, with a directory of its own. */
export class TestGateway extends LocalNode {
	/** `env` holds settings beside the usual ones. */
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

	/** Ends the process in good order, and removes what it stored. */
	async dispose(): Promise<void> {
		await this.stop();
		removeOwnedDirectory(this.dataDir);
	}

	/** What is on the disk of a video. */
	storedLikes(video: string): StoredLike[] {
		return storedLikes(this.dataDir, video);
	}

	/** The viewers of a video, as any program reads them. */
	async viewers(video: string): Promise<number | undefined> {
		return ((await (await fetch(this.url + paths.video(video))).json()) as VideoAnswer).viewers;
	}

	/** Sends a like as any program would, and answers with its id once it is accepted. */
	like(video: string, type: string, user: string): Promise<string> {
		return postLike(this.url, { video, type, user });
	}
}
