import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createRejections, Rejection, type RejectionReason } from './rejections.ts';

const refusal = (reason: RejectionReason) => new Rejection('unauthorized', reason, 'Why.');

function logged() {
	const lines: Record<string, unknown>[] = [];
	const logger = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(JSON.parse(line)) });
	return { rejections: createRejections(logger), lines };
}

describe('createRejections', () => {
	it('counts rejections by their reason', () => {
		const { rejections } = logged();
		const { counts } = rejections;
		for (let time = 0; time < 3; time++) rejections.note(refusal('token_expired'), '/v1/stream');
		rejections.note(refusal('video_forbidden'), '/v1/stream');
		expect(rejections.counts).toMatchObject({ token_expired: 3, video_forbidden: 1, token_missing: 0 });
		expect(counts.token_expired).toBe(0);
	});

	it('logs at most one refusal a minute for each reason', () => {
		const { rejections, lines } = logged();
		for (let now = 0; now < 120_000; now += 100) {
			rejections.note(refusal('token_missing'), '/v1/stream', now);
			if (now === 50_000) rejections.note(refusal('token_signature'), '/v1/videos/:video', now);
		}
		const line = { level: 30, detail: 'Why.', msg: 'requests are refused' };
		expect(lines).toEqual([
			{ ...line, reason: 'token_missing', route: '/v1/stream', count: 1 },
			{ ...line, reason: 'token_signature', route: '/v1/videos/:video', count: 1 },
			{ ...line, reason: 'token_missing', route: '/v1/stream', count: 601 },
		]);
	});
});
