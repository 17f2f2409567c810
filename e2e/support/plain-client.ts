import { paths, type VideoAnswer } from '@likewire/protocol';

/** Between two requests of one client, in milliseconds: it is the load, and waits for nothing. */
const PAUSE_MS = 25;

/**
 * A program that writes and reads through an address all the time, knows nothing but HTTP, and tries nothing twice: it names
 * no ids, and takes each answer as it comes.
 */
export class PlainClient {
	readonly url: string;
	readonly video: string;
	/** Likes that were answered with success. */
	likes = 0;
	reads = 0;
	/** What each request that failed came to. */
	readonly failures: string[] = [];
	#stopped = false;
	readonly #run: Promise<unknown>;

	constructor(url: string, video: string, clients: number) {
		this.url = url;
		this.video = video;
		this.#run = Promise.all(Array.from({ length: clients }, (_, index) => this.#work(`user-${index}`)));
	}

	/** Lets what is under way come to its end. */
	async stop(): Promise<void> {
		this.#stopped = true;
		await this.#run;
	}

	async #work(user: string): Promise<void> {
		const headers = { 'Content-Type': 'application/json', 'X-Likewire-User': user };
		while (!this.#stopped) {
			const liked = await this.#ask(paths.likes(this.video), { method: 'POST', headers, body: '{"type":"heart"}' });
			if (liked !== undefined) this.likes++;
			const before = this.likes;
			const answer = await this.#ask(paths.video(this.video), { headers });
			const { totals } = (answer ?? { totals: {} }) as VideoAnswer;
			if (answer !== undefined && (totals.heart ?? 0) < before) this.failures.push(`read ${totals.heart} of ${before}`);
			this.reads++;
			await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
		}
	}

	async #ask(path: string, init: RequestInit): Promise<unknown> {
		const startedAt = new Date().toISOString();
		try {
			const response = await fetch(this.url + path, init);
			const body = await response.text();
			if (response.ok) return JSON.parse(body);
			this.failures.push(`${startedAt} ${init.method ?? 'GET'}: ${response.status} ${body.slice(0, 300)}`);
		} catch (error) {
			const { message, cause } = error as Error;
			this.failures.push(`${startedAt} ${init.method ?? 'GET'}: ${message} ${String(cause)}`);
		}
		return undefined;
	}
}
