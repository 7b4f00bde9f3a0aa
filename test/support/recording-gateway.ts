import type { RunState, WorkflowGateway } from '../../src/campaigns/gateway.ts';

/** A gateway to campaigns that do what they are asked, and that remembers what it was asked. */
export class RecordingGateway implements WorkflowGateway {
  readonly calls: { readonly call: string; readonly args: readonly unknown[] }[] = [];
  runState: RunState = 'running';
  /** Thrown by every call from now on. */
  failure: Error | undefined;

  #record(call: string, ...args: readonly unknown[]): void {
    if (this.failure !== undefined) throw this.failure;
    this.calls.push({ call, args });
  }

  readonly startCampaign: WorkflowGateway['startCampaign'] = async (input) => this.#record('startCampaign', input);
  readonly readRunState: WorkflowGateway['readRunState'] = async () => this.runState;
  readonly readEvaluationState: WorkflowGateway['readEvaluationState'] = async () => this.runState;
  readonly pauseCampaign: WorkflowGateway['pauseCampaign'] = async (...args) => this.#record('pauseCampaign', ...args);
  readonly resumeCampaign: WorkflowGateway['resumeCampaign'] = async (...args) =>
    this.#record('resumeCampaign', ...args);
  readonly stopCampaign: WorkflowGateway['stopCampaign'] = async (...args) => this.#record('stopCampaign', ...args);
  readonly extendCampaign: WorkflowGateway['extendCampaign'] = async (id, request) => {
    this.#record('extendCampaign', id, request);
    return request.iterations;
  };
  readonly answerBlock: WorkflowGateway['answerBlock'] = async (...args) => this.#record('answerBlock', ...args);
  readonly changeSettings: WorkflowGateway['changeSettings'] = async (...args) => {
    this.#record('changeSettings', ...args);
    return { fromIteration: 1, changes: [], config: `sha256:${'0'.repeat(64)}` };
  };
  readonly startReplay: WorkflowGateway['startReplay'] = async (input) => {
    this.#record('startReplay', input);
    return `replay/${input.campaignId}/${input.iteration}`;
  };
  readonly readReplay: WorkflowGateway['readReplay'] = async () => ({ status: 'running' });
  readonly listOpenReplays: WorkflowGateway['listOpenReplays'] = async () => [];
  readonly readStatus: WorkflowGateway['readStatus'] = async () => undefined;
  readonly startEvaluation: WorkflowGateway['startEvaluation'] = async (...args) =>
    this.#record('startEvaluation', ...args);
  readonly cancelEvaluation: WorkflowGateway['cancelEvaluation'] = async (id) => this.#record('cancelEvaluation', id);
  readonly check: WorkflowGateway['check'] = async () => undefined;
  readonly close: WorkflowGateway['close'] = async () => undefined;
}
