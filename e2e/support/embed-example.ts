import { readFileSync } from 'node:fs';

const PLAYER = new URL('../../docs/PLAYER.md', import.meta.url);

/**
 * Returns the page of docs/PLAYER.md that exchanges messages with its embed, for a gateway and a file of it. All but these
 * two addresses is as written.
 */
export function embedExample(gateway: string, clip: string): string {
	const [example] = readFileSync(PLAYER, 'utf8').match(/(?<=```html\n)<iframe id="show"[\s\S]*?(?=```)/) ?? [];
	if (example === undefined) throw new Error('docs/PLAYER.md has no example of messages');
	return example.replaceAll('https://live.example.com', gateway).replace('/clip.webm', clip);
}
