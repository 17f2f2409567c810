import { type Answer, problem } from '../http/answer.ts';
import { GatewayError } from '../runtime/errors.ts';

/**
 * Returns the answer to a write under an id. A 503 may hide a stored write: with the id in the answer,
 * a client that sent none can try again, and nothing counts twice.
 */
export async function answerWithKey(id: string, write: () => Promise<Answer>): Promise<Answer> {
	try {
		return await write();
	} catch (error) {
		if (error instanceof GatewayError && error.status === 503) return problem(error, { 'Idempotency-Key': id });
		throw error;
	}
}
