CREATE TABLE "campaign_evaluations" (
	"campaign_id" text NOT NULL,
	"iteration" integer NOT NULL,
	"evaluation_id" text NOT NULL,
	CONSTRAINT "campaign_evaluations_campaign_id_iteration_evaluation_id_pk" PRIMARY KEY("campaign_id","iteration","evaluation_id")
);
--> statement-breakpoint
CREATE TABLE "campaigns" (
	"id" text PRIMARY KEY NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"config" jsonb,
	"head" text,
	"iterations_done" integer NOT NULL,
	"iterations_planned" integer,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "checkpoints" (
	"campaign_id" text NOT NULL,
	"iteration" integer NOT NULL,
	"digest" text NOT NULL,
	"parent" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "checkpoints_campaign_id_iteration_digest_pk" PRIMARY KEY("campaign_id","iteration","digest")
);
--> statement-breakpoint
CREATE TABLE "evaluations" (
	"id" text PRIMARY KEY NOT NULL,
	"checkpoint" text NOT NULL,
	"suite" text NOT NULL,
	"status" text NOT NULL,
	"manifest" text,
	"metrics" jsonb,
	"reason" text,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "facts" (
	"digest" text PRIMARY KEY NOT NULL,
	"entity" text NOT NULL,
	"fact" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "iterations" (
	"campaign_id" text NOT NULL,
	"iteration" integer NOT NULL,
	"status" text NOT NULL,
	"from_checkpoint" text NOT NULL,
	"to_checkpoint" text,
	"metrics" jsonb,
	"reason" text,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "iterations_campaign_id_iteration_pk" PRIMARY KEY("campaign_id","iteration")
);
--> statement-breakpoint
CREATE TABLE "shards" (
	"campaign_id" text NOT NULL,
	"iteration" integer NOT NULL,
	"shard" integer NOT NULL,
	"shards_planned" integer NOT NULL,
	"manifest" text NOT NULL,
	"counts" jsonb NOT NULL,
	"done_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "shards_campaign_id_iteration_shard_pk" PRIMARY KEY("campaign_id","iteration","shard")
);
--> statement-breakpoint
CREATE TABLE "stages" (
	"campaign_id" text NOT NULL,
	"iteration" integer NOT NULL,
	"stage" text NOT NULL,
	"status" text NOT NULL,
	"manifest" text,
	"counts" jsonb,
	"reason" text,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "stages_campaign_id_iteration_stage_pk" PRIMARY KEY("campaign_id","iteration","stage")
);
--> statement-breakpoint
CREATE INDEX "checkpoints_digest" ON "checkpoints" USING btree ("digest");--> statement-breakpoint
CREATE INDEX "evaluations_checkpoint" ON "evaluations" USING btree ("checkpoint");--> statement-breakpoint
CREATE INDEX "facts_entity" ON "facts" USING btree ("entity");