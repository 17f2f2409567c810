import type { Page } from '@playwright/test';
import { postComment } from '../support/comments.ts';
import type { TestGateway } from '../support/gateway.ts';

const VIDEO = 'low-sun';
const VIEWERS = 24;

const COMMENTS: readonly (readonly [user: string, text: string])[] = [
	['jade-otter', 'Front row, and I still cannot believe it.'],
	['amber-wren', 'Is that the drummer of the first record?'],
	['navy-heron', 'It is! He joined again last spring.'],
	['coral-lynx', 'Sound is perfect from up here.'],
	['sand-gecko', 'Turn it up!'],
	['mint-koala', 'Hello from Lisbon!'],
	['ruby-finch', 'The light in this one, every time.'],
];

const LIKES: Readonly<Record<string, number>> = { heart: 212, like: 64, clap: 118, laugh: 9, wow: 57 };

/** A live video with viewers, likes and comments. */
export class Scene {
	readonly gateway: TestGateway;
	readonly #viewers = new AbortController();

	private constructor(gateway: TestGateway) {
		this.gateway = gateway;
	}

	static async create(gateway: TestGateway): Promise<Scene> {
		const scene = new Scene(gateway);
		for (let n = 0; n < VIEWERS; n++) {
			const stream = await fetch(`${gateway.url}/v1/stream?video=${VIDEO}&user=viewer-${n}`, {
				signal: scene.#viewers.signal,
			});
			// Read, so that it is no blocked viewer.
			stream.body?.pipeTo(new WritableStream()).catch(() => undefined);
		}
		for (const [type, count] of Object.entries(LIKES)) {
			for (let n = 0; n < count; n++) await gateway.like(VIDEO, type, `user-${n % 50}`);
		}
		for (const [user, text] of COMMENTS) await postComment(gateway.url, VIDEO, user, text);
		return scene;
	}

	/** The address of the demo, which shows the video. */
	get demo(): string {
		return `${this.gateway.url}/?video=${VIDEO}`;
	}

	/** Resolves with the address of the embed, with the clip of the demo. */
	async embed(): Promise<string> {
		const page = await (await fetch(this.gateway.url)).text();
		const [clip, poster] = ['webm', 'webp'].map(
			(type) => new RegExp(`/assets/stage-[\\w-]+\\.${type}`).exec(page)?.[0],
		);
		return `${this.gateway.url}/embed/${VIDEO}?src=${clip}&poster=${poster}&autoplay&loop`;
	}

	/** Sends likes, and resolves when their hearts float in a page. */
	async letHeartsRise(page: Page): Promise<void> {
		for (const type of ['heart', 'clap', 'heart', 'wow', 'heart', 'like', 'heart']) {
			await this.gateway.like(VIDEO, type, 'amber-wren');
			await frames(page, 14);
		}
		await frames(page, 40);
	}

	close(): void {
		this.#viewers.abort();
	}
}

/** Resolves after a number of frames of a page. */
function frames(page: Page, count: number): Promise<void> {
	return page.evaluate(async (count) => {
		for (let n = 0; n < count; n++) await new Promise((next) => requestAnimationFrame(next));
	}, count);
}
