import { LikewireProvider } from '@likewire/sdk/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Stage } from './stage';

createRoot(document.getElementById('root') as HTMLElement).render(
	<StrictMode>
		<LikewireProvider url="http://127.0.0.1:8080">
			<Stage video="my-video" />
		</LikewireProvider>
	</StrictMode>,
);
