import { type Answer, problem } from '../http/answer.ts';
import { GatewayError } from '../runtime/errors.ts';

/**
 * The answer to something that is written under an id. What is refused for now may be stored all the same: with the id in
 * the answer, a client that named none can try again, and nothing counts twice.
 */
export async function answerWithKey(id: string, write: () => Promise<Answer>): Promise<Answer> {
	try {
		return await write();
	} catch (error) {
		if (error instanceof GatewayError && error.status === 503) return problem(error, { 'Idempotency-Key': id });
		throw error;
	}
}
