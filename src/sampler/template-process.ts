/** The process that renders chat templates: a template is a program, and comes with the model. */
import { shown } from '../formats/shown.ts';
import { serveRequests } from '../process/limited-server.ts';
import { type ChatMessage, createChatRenderer, type RenderChatHere } from './chat-template.ts';

export interface TemplateRequest {
  readonly source: string;
  readonly tokens: Readonly<Record<string, string>>;
  readonly chats: readonly { readonly messages: readonly ChatMessage[]; readonly prompt: boolean }[];
}

/** In the order of the chats. */
export type TemplateAnswer = readonly ({ readonly text: string } | { readonly error: string })[];

/** Longer texts than the messages and a long system prompt would only be tokenized in vain. */
const MAX_ADDED_CHARACTERS = 2 ** 20;
const MAX_ERROR_CHARACTERS = 500;

let kept: { readonly key: string; readonly render: RenderChatHere } | undefined;

function rendererOf({ source, tokens }: TemplateRequest): RenderChatHere {
  const key = JSON.stringify([source, tokens]);
  if (kept?.key !== key) kept = { key, render: createChatRenderer(source, tokens) };
  return kept.render;
}

serveRequests<TemplateRequest, TemplateAnswer>((request) =>
  request.chats.map(({ messages, prompt }) => {
    try {
      const text = rendererOf(request)(messages, { prompt });
      const given = messages.reduce((sum, { content }) => sum + content.length, 0);
      if (text.length <= given + MAX_ADDED_CHARACTERS) return { text };
      return { error: `it adds more than ${MAX_ADDED_CHARACTERS} characters to its messages` };
    } catch (error) {
      return { error: shown(error instanceof Error ? error.message : String(error), MAX_ERROR_CHARACTERS) };
    }
  }),
);
