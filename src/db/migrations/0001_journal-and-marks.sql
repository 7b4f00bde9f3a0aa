CREATE TABLE "checkpoint_marks" (
	"digest" text PRIMARY KEY NOT NULL,
	"pinned" boolean NOT NULL,
	"collected_at" timestamp (3) with time zone,
	"freed_bytes" bigint
);
--> statement-breakpoint
CREATE TABLE "journal" (
	"digest" text PRIMARY KEY NOT NULL,
	"campaign_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"details" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "campaigns" ADD COLUMN "forked_from" jsonb;--> statement-breakpoint
CREATE INDEX "journal_campaign" ON "journal" USING btree ("campaign_id","at");