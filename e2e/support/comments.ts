import { paths } from '@likewire/protocol';
import type { Locator, Page } from '@playwright/test';

/** The comments of the demo, as people find them. */
export class Comments {
	/** Where one writes. */
	readonly field: Locator;
	/** Each comment that is drawn. */
	readonly rows: Locator;
	readonly typing: Locator;

	constructor(page: Page) {
		this.field = page.getByRole('textbox');
		this.rows = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^Like,/ }) });
		this.typing = page.getByText(/(is|are) typing$/);
	}

	/** The comment with this text; not those that answer it, which show it, too. */
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

/** Writes a comment as any program would, and answers with its id once it is accepted. Rejects when it is not. */
export async function postComment(url: string, video: string, user: string, text: string, parent?: string) {
	const response = await fetch(url + paths.comments(video), {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Likewire-User': user },
		body: JSON.stringify({ text, parent }),
	});
	if (!response.ok) throw new Error(`the comment was answered with ${response.status}`);
	return ((await response.json()) as { id: string }).id;
}
