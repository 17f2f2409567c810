import { paths } from '@likewire/protocol';
import type { Locator, Page } from '@playwright/test';

/** The comments panel of the demo. */
export class Comments {
	/** The field for a new comment. */
	readonly field: Locator;
	/** The rendered comments. */
	readonly rows: Locator;
	readonly typing: Locator;

	constructor(page: Page) {
		this.field = page.getByRole('textbox', { name: 'Your comment' });
		this.rows = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^Like,/ }) });
		this.typing = page.getByText(/(is|are) typing$/);
	}

	/** Returns the comment with this text, without its answers, which quote the text. */
	row(text: string): Locator {
		const exactly = new RegExp(`^${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`);
		return this.rows.filter({ has: this.field.page().getByRole('paragraph').filter({ hasText: exactly }) });
	}

	async write(text: string): Promise<void> {
		await this.field.fill(text);
		await this.field.press('Enter');
	}

	async answer(row: Locator, text: string): Promise<void> {
		await row.getByRole('button', { name: 'Reply' }).click();
		await this.write(text);
	}

	async delete(row: Locator): Promise<void> {
		await row.getByRole('button', { name: 'Delete' }).click();
	}
}

/** Sends a comment without the SDK, and resolves with its id. Rejects when it is not accepted. */
export async function postComment(url: string, video: string, user: string, text: string, parent?: string) {
	const response = await fetch(url + paths.comments(video), {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Likewire-User': user },
		body: JSON.stringify({ text, parent }),
	});
	if (!response.ok) throw new Error(`the gateway answered the comment with ${response.status}`);
	return ((await response.json()) as { id: string }).id;
}
