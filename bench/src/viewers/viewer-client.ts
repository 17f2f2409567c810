import { compile } from '../processes/compile.ts';

/** What plays the viewers. */
export type ViewerClient =
	| { readonly language: 'c'; readonly file: string }
	| { readonly language: 'node'; readonly because: string };

/** The client in C; where it cannot be built, the one in Node. */
export function findViewerClient(): ViewerClient {
	try {
		return { language: 'c', file: compile('viewers') };
	} catch (error) {
		return { language: 'node', because: error instanceof Error ? error.message : String(error) };
	}
}
