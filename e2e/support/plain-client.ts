import { paths, type VideoAnswer } from '@likewire/protocol';

/** The pause between two requests of one client, in milliseconds. It sets the load. */
const PAUSE_MS = 25;

/**
 * A client over plain HTTP that writes and reads continuously. It sends no ids and retries nothing, so it records each
 * failure.
 */
export class PlainClient {
	readonly url: string;
	readonly video: string;
	/** The number of accepted likes. */
	likes = 0;
	reads = 0;
	/** A description of each failed request. */
	readonly failures: string[] = [];
	#stopped = false;
	readonly #run: Promise<unknown>;

	constructor(url: string, video: string, clients: number) {
		this.url = url;
		this.video = video;
		this.#run = Promise.all(Array.from({ length: clients }, (_, index) => this.#work(`user-${index}`)));
	}

	/** Resolves when the requests in flight are answered. */
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
