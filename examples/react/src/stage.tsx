import { useComments, useReactions, useViewers } from '@likewire/sdk/react';

export function Stage({ video }: { video: string }) {
	const { totals, like } = useReactions(video);
	const viewers = useViewers(video);
	const { comments, send } = useComments(video);

	function write(form: FormData) {
		// The list shows the comment at once, as `sending`, and then as `sent` or `failed`.
		send(String(form.get('text')));
	}

	return (
		<main>
			<p>{viewers ?? 0} watching</p>
			<button type="button" onClick={() => like('heart')}>
				❤ {totals.heart ?? 0}
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
