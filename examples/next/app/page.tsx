import { createServer } from '@likewire/server';
import { Stage } from './stage';

const VIDEO = 'my-video';
const server = createServer({ url: 'http://127.0.0.1:8080' });

// Renders current totals for each request, not those of the build.
export const dynamic = 'force-dynamic';

export default async function Page() {
	const { totals } = await server.video(VIDEO);
	return <Stage video={VIDEO} initialTotals={totals} />;
}
