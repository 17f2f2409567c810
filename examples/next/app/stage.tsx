'use client';

import { useComments, useReactions, useViewers } from '@likewire/sdk/react';

interface StageProps {
	video: string;
	/** The totals in the HTML of the server, shown until the stream opens. */
	initialTotals: Readonly<Record<string, number>>;
}

export function Stage({ video, initialTotals }: StageProps) {
	const { totals, like } = useReactions(video);
	const viewers = useViewers(video);
	const { comments, send } = useComments(video);
	const hearts = totals.heart ?? initialTotals.heart ?? 0;

	function write(form: FormData) {
		// The list shows the comment at once, as `sending`, and then as `sent` or `failed`.
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
