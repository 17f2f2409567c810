'use client';

import { useComments, useReactions, useViewers } from '@likewire/sdk/react';

interface StageProps {
	video: string;
	/** What to show until the stream is open: the HTML of the server has it. */
	initialTotals: Readonly<Record<string, number>>;
}

export function Stage({ video, initialTotals }: StageProps) {
	const { totals, like } = useReactions(video);
	const viewers = useViewers(video);
	const { comments, send } = useComments(video);
	const hearts = totals.heart ?? initialTotals.heart ?? 0;

	function write(form: FormData) {
		// Until it is stored, it is in the list as `sending`, then as `sent` or `failed`.
		send(String(form.get('text')));
	}

	return (
		<main>
			<p>{viewers ?? 0} watching</p>
			<button type="button" onClick={() => like('heart')}>
				❤ {hearts}
			</button>
			<ul>
				{comments.map(({ key, user, text, status }) => (
					<li key={key} data-status={status}>
						{user}: {text}
					</li>
				))}
			</ul>
			<form action={write}>
				<input name="text" aria-label="Comment" required maxLength={500} />
				<button type="submit">Send</button>
			</form>
		</main>
	);
}
