// Made of the OpenAPI document by npm run client:types.
export interface paths {
    "/api/v1/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make an account and sign in
         * @description The account gets an inbox. Keep the `device_token` for later sign-ins.
         */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with e-mail address and password
         * @description Begins a session. Send the `device_token` that the last sign-in on this device answered.
         */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/openid/redeem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Finish a sign-in with an OpenID provider
         * @description Open `/auth/openid/start?challenge=…` in a browser, with the S256 challenge of a random verifier (RFC 7636). It ends with a one-time code, which this takes with the verifier. The first sign-in of a user makes an account.
         */
        post: operations["redeemCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get the next tokens
         * @description A refresh token is good once. A repetition within 10 seconds gets the same successor, in case an answer was lost; later, or once the successor was used, it ends the session.
         */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End the present session
         * @description Not for API keys.
         */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the sessions that are signed in
         * @description Newest first. Not for API keys.
         */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a session
         * @description Its tokens stop working everywhere within 30 seconds. Not for API keys.
         */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who am I?
         * @description API keys need the scope `account:read`.
         */
        get: operations["getMe"];
        put?: never;
        post?: never;
        /**
         * Delete the account
         * @description For good, with everything in it. No credential of it is good any more from this moment, and its e-mail address is free; of a large account the rows are deleted bit by bit, also after a restart. It takes the password, or where there is none a sign-in just now. Not for API keys.
         */
        delete: operations["deleteMe"];
        options?: never;
        head?: never;
        /**
         * Change name and time zone
         * @description What is not named stays (RFC 7396). Not for API keys.
         */
        patch: operations["updateMe"];
        trace?: never;
    };
    "/api/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change the password
         * @description Ends all other sessions and deletes all API keys. Not for API keys.
         */
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the identities that sign in to this account
         * @description At OpenID providers; oldest first. Not for API keys.
         */
        get: operations["listIdentities"];
        put?: never;
        /**
         * Let an identity sign in to this account
         * @description Takes the code of a sign-in that was begun at `/auth/openid/start?purpose=link&challenge=…`, the verifier, and the proof that the account is yours. An identity that is linked already stays so. Not for API keys.
         */
        post: operations["linkIdentity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/identities/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an identity
         * @description Not for API keys.
         */
        get: operations["getIdentity"];
        put?: never;
        post?: never;
        /**
         * Let an identity sign in to this account no more
         * @description Takes the proof that the account is yours. Sessions that it began go on; end them by themselves. The only way to sign in stays. Not for API keys.
         */
        delete: operations["unlinkIdentity"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API keys
         * @description Newest first. Not for API keys.
         */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Make an API key
         * @description The key itself is in this answer only. A repetition with the same Idempotency-Key is answered without it. Not for API keys.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an API key
         * @description Not for API keys.
         */
        get: operations["getApiKey"];
        put?: never;
        post?: never;
        /**
         * Delete an API key
         * @description It stops working everywhere within 30 seconds. Not for API keys.
         */
        delete: operations["deleteApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List projects
         * @description By position. API keys need the scope `projects:read`.
         */
        get: operations["listProjects"];
        put?: never;
        /**
         * Make a project
         * @description API keys need the scope `projects:write`.
         */
        post: operations["createProject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a project
         * @description API keys need the scope `projects:read`.
         */
        get: operations["getProject"];
        put?: never;
        post?: never;
        /**
         * Delete a project
         * @description Its tasks go to the trash. API keys need the scope `projects:write`.
         */
        delete: operations["deleteProject"];
        options?: never;
        head?: never;
        /**
         * Change a project
         * @description API keys need the scope `projects:write`.
         */
        patch: operations["updateProject"];
        trace?: never;
    };
    "/api/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List tasks
         * @description A repeated parameter means OR. API keys need the scope `tasks:read`.
         */
        get: operations["listTasks"];
        put?: never;
        /**
         * Make a task
         * @description API keys need the scope `tasks:write`.
         */
        post: operations["createTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a task
         * @description Also one in the trash. API keys need the scope `tasks:read`.
         */
        get: operations["getTask"];
        /**
         * Replace a task
         * @description What is not named takes its default. Read-only fields may be repeated as they are, so that one can read, edit and put back. API keys need the scope `tasks:write`.
         */
        put: operations["replaceTask"];
        post?: never;
        /**
         * Put a task into the trash
         * @description With its subtasks. With `permanent=true` one that is in the trash is deleted for good, with all below it. API keys need the scope `tasks:write`.
         */
        delete: operations["deleteTask"];
        options?: never;
        head?: never;
        /**
         * Change a task
         * @description A merge patch (RFC 7396): what it does not name stays. API keys need the scope `tasks:write`.
         */
        patch: operations["updateTask"];
        trace?: never;
    };
    "/api/v1/tasks/{id}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Complete a task
         * @description With what is open below it; one that is completed stays as it is. A recurring task goes on to its next occurrence, and is completed with the last one. API keys need the scope `tasks:write`.
         */
        post: operations["completeTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}/skip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Skip an occurrence
         * @description A recurring task goes on to its next occurrence without this one being completed; with the last one it is cancelled. API keys need the scope `tasks:write`.
         */
        post: operations["skipOccurrence"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}/occurrences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List occurrences
         * @description Of a recurring task: those that are done, or those that come. API keys need the scope `tasks:read`.
         */
        get: operations["listOccurrences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}/reopen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reopen a task
         * @description A completed or cancelled task is pending again, and what was completed with it is what it was. A recurring task goes back to the occurrence that was completed or skipped last, as it was then. An open task that does not recur stays as it is. API keys need the scope `tasks:write`.
         */
        post: operations["reopenTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a task out of the trash
         * @description With what went there together with it. Where its project is gone it goes to the inbox. API keys need the scope `tasks:write`.
         */
        post: operations["restoreTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/trash": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Empty the trash
         * @description Deletes for good all tasks that are in the trash. API keys need the scope `tasks:write`.
         */
        delete: operations["emptyTrash"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}/move": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move a task
         * @description To another project, parent or place among the others. Its subtasks follow. API keys need the scope `tasks:write`.
         */
        post: operations["moveTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}/comments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the comments on a task
         * @description The oldest first; also on a task in the trash. API keys need the scope `tasks:read`.
         */
        get: operations["listComments"];
        put?: never;
        /**
         * Comment on a task
         * @description API keys need the scope `tasks:write`.
         */
        post: operations["createComment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/comments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a comment
         * @description API keys need the scope `tasks:read`.
         */
        get: operations["getComment"];
        put?: never;
        post?: never;
        /**
         * Delete a comment
         * @description By its author, and for good: comments have no trash. API keys need the scope `tasks:write`.
         */
        delete: operations["deleteComment"];
        options?: never;
        head?: never;
        /**
         * Change a comment
         * @description By its author. From then on it is `edited`. API keys need the scope `tasks:write`.
         */
        patch: operations["updateComment"];
        trace?: never;
    };
    "/api/v1/labels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List labels
         * @description By name. API keys need the scope `labels:read`.
         */
        get: operations["listLabels"];
        put?: never;
        /**
         * Make a label
         * @description API keys need the scope `labels:write`.
         */
        post: operations["createLabel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/labels/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a label
         * @description API keys need the scope `labels:read`.
         */
        get: operations["getLabel"];
        put?: never;
        post?: never;
        /**
         * Delete a label
         * @description Takes it off every task. API keys need the scope `labels:write`.
         */
        delete: operations["deleteLabel"];
        options?: never;
        head?: never;
        /**
         * Change a label
         * @description A new name shows on every task that has the label, so each of them gets a new revision. API keys need the scope `labels:write`.
         */
        patch: operations["updateLabel"];
        trace?: never;
    };
    "/api/v1/reminders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the reminders that have a time
         * @description Those of the caller, by `fire_at`, those that have fired or were missed included. A client that polls asks for `fired_since`. API keys need the scope `tasks:read`.
         */
        get: operations["listReminders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}/reminders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the reminders of a task
         * @description Those of the caller, oldest first. API keys need the scope `tasks:read`.
         */
        get: operations["listTaskReminders"];
        put?: never;
        /**
         * Set a reminder for a task
         * @description At most 20 a task. Others who see the task do not see it. One whose time has passed by less than 24 hours fires at once. API keys need the scope `tasks:write`.
         */
        post: operations["createReminder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reminders/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a reminder
         * @description API keys need the scope `tasks:read`.
         */
        get: operations["getReminder"];
        put?: never;
        post?: never;
        /**
         * Delete a reminder
         * @description API keys need the scope `tasks:write`.
         */
        delete: operations["deleteReminder"];
        options?: never;
        head?: never;
        /**
         * Set a reminder for another time
         * @description It waits for it, also where it has fired: so it snoozes. API keys need the scope `tasks:write`.
         */
        patch: operations["updateReminder"];
        trace?: never;
    };
    "/api/v1/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make several requests in one
         * @description The operations run in order, each with the access, the answer and the errors of the single request; a later one may name the ids that earlier ones have made. With an Idempotency-Key each operation that takes one has that key and its place. API keys need no scope for it, but those of what is in it.
         */
        post: operations["batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change all tasks that a filter finds
         * @description Each as the single request would change it; what is refused is counted. It is answered when it is done, or after ten seconds, when it goes on. A task below another one that is moved or put into the trash goes along with it, and is not counted by itself. What is missing in the counts at the end went along so, or was changed by others meanwhile. API keys need the scope `tasks:write`.
         */
        post: operations["bulkChangeTasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bulk/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what a change of many tasks has done
         * @description One that is not over yet, or the last one. API keys need the scope `tasks:read`.
         */
        get: operations["getBulkChange"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow all changes
         * @description All that a copy needs to be what the service has: each thing that has changed since a token, as the caller may see it now, and what is gone. Without a token it begins with all there is, right also while others write. API keys need the scope `data:read`.
         */
        get: operations["listChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Be told when there are changes
         * @description Server-sent events, read with `fetch`: the first `changes` at once, then one whenever something has changed, each with the `token` of the present state. What has changed is not in it: ask listChanges, unless the copy has this token. The stream ends with the credential. A user may have 10 at a time. API keys need the scope `data:read`.
         */
        get: operations["openEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what happened
         * @description The newest first: each change of a task, project, label, comment, reminder of the caller, or of the account, with who made it, and what became of reminders. Also of what is gone for good. Kept for 180 days, unless the operator says otherwise. API keys need the scope `data:read`.
         */
        get: operations["listActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what happened to a task
         * @description The newest first, with its comments and the reminders of the caller; also of a task in the trash. API keys need the scope `tasks:read`.
         */
        get: operations["listTaskActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{id}/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what happened in a project
         * @description The newest first: of the project, and of the tasks that were in it by then. A page may have fewer than `limit`, or none, and still a `next_cursor`: a request looks at 2,000 events of the account. API keys need the scope `data:read`.
         */
        get: operations["listProjectActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhooks
         * @description Newest first, without their secrets. API keys need the scope `webhooks:read`.
         */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Make a webhook
         * @description At most 10 a user. It is told of what happens from now on, by POST, with all that its user may see of it: so the scope `webhooks:write` lets an API key read everything. It outlives the credential that made it. The secret that verifies what is sent (Standard Webhooks) is in this answer only; a repetition with the same Idempotency-Key is answered without it. API keys need the scope `webhooks:write`.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a webhook
         * @description API keys need the scope `webhooks:read`.
         */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook
         * @description With its deliveries. API keys need the scope `webhooks:write`.
         */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        /**
         * Change a webhook
         * @description Switched off, what waits to be sent to it fails, and what happens meanwhile is not sent later. API keys need the scope `webhooks:write`.
         */
        patch: operations["updateWebhook"];
        trace?: never;
    };
    "/api/v1/webhooks/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook another secret
         * @description For 24 hours what is sent has two signatures, by the new secret and by the one before. The new one is in this answer only. API keys need the scope `webhooks:write`.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test to a webhook
         * @description A delivery of the type `webhook.test`, sent at once and tried as others are. API keys need the scope `webhooks:write`.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the deliveries of a webhook
         * @description Newest first. Those that are over are kept for 30 days, and of each webhook the last 1,000. API keys need the scope `webhooks:read`.
         */
        get: operations["listWebhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhook-deliveries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a delivery
         * @description API keys need the scope `webhooks:read`.
         */
        get: operations["getWebhookDelivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhook-deliveries/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a delivery again
         * @description At once, with the same `webhook-id`, and with the thing as its user sees it then. It is tried as often as a new one. API keys need the scope `webhooks:write`.
         */
        post: operations["replayWebhookDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export everything
         * @description All that the caller has, in one file. `json`: a document that an import takes back. `ics`: a calendar of tasks (RFC 5545), `csv`: a table of them; both without the trash. What is changed meanwhile is in it as it was before or after. API keys need the scope `data:read`.
         */
        get: operations["exportAll"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import a file
         * @description Takes the file as the body, or as the first file of a form (multipart/form-data), up to 20 MiB. It is worked on behind the answer: read the import until its status is final, then its report. A second import of the same file changes nothing. A user has one import at a time. API keys need the scope `data:write`.
         */
        post: operations["beginImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List imports
         * @description Newest first; the last 20 are kept. API keys need the scope `data:read`.
         */
        get: operations["listImports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an import
         * @description How far it is, and what it has made. API keys need the scope `data:read`.
         */
        get: operations["getImport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/{id}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the report of an import
         * @description A line for each thing that could not be kept as it was in the file. API keys need the scope `data:read`.
         */
        get: operations["listImportNotes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel an import
         * @description What it has made until then stays. One that is over stays as it is. API keys need the scope `data:write`.
         */
        post: operations["cancelImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Does the process answer?
         * @description Asks no database.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Can requests be served?
         * @description Does the database answer, and is it migrated?
         */
        get: operations["getReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is running?
         * @description What there is to say of the service to anybody.
         */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The keys that check access tokens
         * @description A key set (RFC 7517), for services that check the tokens themselves.
         */
        get: operations["getKeySet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    event: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Something has happened */
        post: operations["receiveEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    test: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A test */
        post: operations["receiveTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /**
         * @description Something that happened.
         * @example {
         *       "type": "task.updated",
         *       "timestamp": "2026-12-01T09:00:00.000Z",
         *       "data": {
         *         "event": {
         *           "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *           "type": "task.updated",
         *           "entity": "task",
         *           "entity_id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *           "project_id": "0199c2f4-7c4d-7e5f-8a61-7c8d9e0f1a2b",
         *           "task_id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *           "actor": {
         *             "id": "0199c2f4-8d5e-7f60-9b72-8d9e0f1a2b3c",
         *             "kind": "session",
         *             "credential_id": "0199c2f4-9e6f-7a71-8c83-9e0f1a2b3c4d"
         *           },
         *           "at": "2026-12-01T09:00:00.000Z",
         *           "changes": {
         *             "priority": {
         *               "old": "none",
         *               "new": "high"
         *             },
         *             "description": {}
         *           },
         *           "cause": null,
         *           "details": {}
         *         },
         *         "resource": {
         *           "id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *           "project_id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *           "title": "Sweep the chimney",
         *           "description": "Ask for the *certificate*.",
         *           "priority": "high",
         *           "due": {
         *             "kind": "day",
         *             "date": "2026-12-01"
         *           },
         *           "labels": [
         *             "house"
         *           ],
         *           "parent_id": null,
         *           "status": "pending",
         *           "start": null,
         *           "deadline": "2026-12-24",
         *           "estimate_minutes": 45,
         *           "url": null,
         *           "external_id": null,
         *           "blocked_by": [],
         *           "recurrence": null,
         *           "occurrence": null,
         *           "extra": {},
         *           "blocked": false,
         *           "progress": {
         *             "completed": 1,
         *             "total": 3
         *           },
         *           "comment_count": 0,
         *           "position": "j2kXy0a1B00",
         *           "created_by": "0199c2f4-0000-7000-8000-000000000001",
         *           "created_at": "2026-11-23T09:00:00.000Z",
         *           "updated_at": "2026-11-23T09:00:00.000Z",
         *           "completed_at": null,
         *           "deleted_at": null,
         *           "rev": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1b"
         *         },
         *         "rev": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1b"
         *       }
         *     }
         */
        WebhookEventPayload: {
            type: components["schemas"]["EventType"];
            /**
             * Format: date-time
             * @description When it happened.
             * @example 2026-12-01T09:00:00.000Z
             */
            timestamp: string;
            data: components["schemas"]["WebhookEventData"];
        };
        /**
         * @example {
         *       "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "type": "task.updated",
         *       "entity": "task",
         *       "entity_id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *       "project_id": "0199c2f4-7c4d-7e5f-8a61-7c8d9e0f1a2b",
         *       "task_id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *       "actor": {
         *         "id": "0199c2f4-8d5e-7f60-9b72-8d9e0f1a2b3c",
         *         "kind": "session",
         *         "credential_id": "0199c2f4-9e6f-7a71-8c83-9e0f1a2b3c4d"
         *       },
         *       "at": "2026-12-01T09:00:00.000Z",
         *       "changes": {
         *         "priority": {
         *           "old": "none",
         *           "new": "high"
         *         },
         *         "description": {}
         *       },
         *       "cause": null,
         *       "details": {}
         *     }
         */
        Event: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            type: components["schemas"]["EventType"];
            /** @description The kind of thing: the first word of `type`. */
            entity: string;
            /**
             * Format: uuid
             * @description The thing, which may be gone by now.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            entity_id: string;
            /**
             * Format: uuid
             * @description The project it was in by then.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            project_id: string | null;
            /**
             * Format: uuid
             * @description The task itself, or that of a comment or reminder.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            task_id: string | null;
            actor: components["schemas"]["EventActor"];
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            at: string;
            /** @description By field. */
            changes: {
                [key: string]: components["schemas"]["FieldChange"];
            };
            cause: components["schemas"]["EventCause"] | null;
            /** @description What no field says: of a reminder that has fired, and of an import. */
            details: {
                [key: string]: unknown;
            };
        };
        /**
         * @description The value before and after, each where there is one. Neither for texts of a task or comment (`title`, `description`, `url`, `external_id`, `extra`, `text`), and for values of more than 500 characters.
         * @example {
         *       "old": "none",
         *       "new": "high"
         *     }
         */
        FieldChange: {
            old?: unknown;
            new?: unknown;
        };
        /**
         * @description A test.
         * @example {
         *       "type": "webhook.test",
         *       "timestamp": "2026-12-01T09:00:00.000Z",
         *       "data": {
         *         "webhook_id": "0199c2f4-8d5e-7f60-9a71-8d9e0f1a2b3c"
         *       }
         *     }
         */
        WebhookTestPayload: {
            /** @enum {string} */
            type: "webhook.test";
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            timestamp: string;
            data: components["schemas"]["WebhookTestData"];
        };
        /**
         * @example {
         *       "access_token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTk5YzJmNCJ9.c2lnbmF0dXJl",
         *       "token_type": "Bearer",
         *       "expires_in": 900,
         *       "refresh_token": "tpr_2m0Zr6mXo0m4bB0xXy4yq7sT1k9uQe3wJc8vNf5hLdA",
         *       "device_token": "tpd_mB0xXy4yq7sT1k9uQe3wJcq7Zk2m0Zr6mXo0m4bB0xXy4yq7sT1k9uQe3wJc8vNf5",
         *       "user": {
         *         "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *         "email": "ada@example.org",
         *         "name": "Ada",
         *         "time_zone": "Europe/Berlin",
         *         "reminder_time": "09:00",
         *         "created_at": "2026-12-01T09:00:00.000Z"
         *       }
         *     }
         */
        SignedIn: {
            /** @description To be sent as `Authorization: Bearer …`. */
            access_token: string;
            /** @enum {string} */
            token_type: "Bearer";
            /** @description Seconds that the access token is good for. */
            expires_in: number;
            /** @description Gets the next tokens, once, within 30 days. */
            refresh_token: string;
            /** @description Marks this device for the next sign-in to this account, whose `device_token` it is: wrong passwords of others then never keep it out. Good until the password changes; opens nothing by itself. */
            device_token: string;
            user: components["schemas"]["User"];
        };
        /**
         * @example {
         *       "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "email": "ada@example.org",
         *       "name": "Ada",
         *       "time_zone": "Europe/Berlin",
         *       "reminder_time": "09:00",
         *       "created_at": "2026-12-01T09:00:00.000Z"
         *     }
         */
        User: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            /** @description As it was typed; null for users of other issuers. */
            email: string | null;
            name: string;
            time_zone: string;
            /** @description The wall clock at which reminders take a day: `09:00` unless it is set. */
            reminder_time: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
        };
        /**
         * @description What went wrong (RFC 9457).
         * @example {
         *       "type": "urn:taskport:problem:invalid",
         *       "title": "Invalid request",
         *       "status": 422,
         *       "detail": "The request does not fit; see errors.",
         *       "instance": "/api/v1/tasks",
         *       "code": "invalid",
         *       "request_id": "1f0c2b5e-6f0a-4d43-9a51-0c8d3d0b7a11",
         *       "errors": [
         *         {
         *           "pointer": "/title",
         *           "code": "required",
         *           "detail": "This is required."
         *         }
         *       ]
         *     }
         */
        Problem: {
            /** Format: uri */
            type: string;
            title: string;
            status: number;
            detail: string;
            instance: string;
            code: components["schemas"]["ProblemCode"];
            request_id: string;
            errors?: components["schemas"]["Fault"][];
        };
        /**
         * @description One fault of a request: of a field or of a parameter.
         * @example {
         *       "pointer": "/title",
         *       "code": "required",
         *       "detail": "This is required."
         *     }
         */
        Fault: {
            /** @description A field of the body (RFC 6901). */
            pointer?: string;
            /** @description A parameter of the query or a header. */
            parameter?: string;
            code: string;
            detail: string;
        };
        /**
         * @example {
         *       "email": "ada@example.org",
         *       "password": "a heron on the pier",
         *       "name": "Ada",
         *       "time_zone": "Europe/Berlin"
         *     }
         */
        Registration: {
            /**
             * Format: email
             * @description Case, width and characters that cannot be seen do not matter.
             * @example ada@example.org
             */
            email: string;
            /**
             * Format: password
             * @description Any characters; none of the most common passwords, nor the e-mail address.
             * @example a heron on the pier
             */
            password: string;
            /**
             * @description Without it, what stands before the @.
             * @example Ada
             */
            name?: string;
            /**
             * @description A name of the IANA time zone database, or an offset from UTC, as in `+05:30`. Default: `"UTC"`.
             * @example Europe/Berlin
             */
            time_zone?: string;
        };
        /**
         * @example {
         *       "email": "ada@example.org",
         *       "password": "a heron on the pier"
         *     }
         */
        Login: {
            /**
             * Format: email
             * @description Case, width and characters that cannot be seen do not matter.
             * @example ada@example.org
             */
            email: string;
            /**
             * Format: password
             * @description The present password.
             * @example a heron on the pier
             */
            password: string;
            /** @description The last one that a sign-in to this account answered on this device. One that is not known, or no more, is as good as none. */
            device_token?: string;
        };
        /**
         * @example {
         *       "code": "q7Zk2m0Zr6mXo0m4bB0xXy4yq7sT1k9uQe3wJc8vNf5",
         *       "verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
         *     }
         */
        CodeRedemption: {
            /** @description The one-time code that the sign-in ended with. Good once, for two minutes. */
            code: string;
            /** @description The verifier whose S256 challenge the sign-in was begun with (RFC 7636). A wrong one spends the code. */
            verifier: string;
        };
        /**
         * @example {
         *       "access_token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTk5YzJmNCJ9.c2lnbmF0dXJl",
         *       "token_type": "Bearer",
         *       "expires_in": 900,
         *       "refresh_token": "tpr_2m0Zr6mXo0m4bB0xXy4yq7sT1k9uQe3wJc8vNf5hLdA"
         *     }
         */
        Tokens: {
            /** @description To be sent as `Authorization: Bearer …`. */
            access_token: string;
            /** @enum {string} */
            token_type: "Bearer";
            /** @description Seconds that the access token is good for. */
            expires_in: number;
            /** @description Gets the next tokens, once, within 30 days. */
            refresh_token: string;
        };
        /**
         * @example {
         *       "refresh_token": "tpr_2m0Zr6mXo0m4bB0xXy4yq7sT1k9uQe3wJc8vNf5hLdA"
         *     }
         */
        Refresh: {
            /** @description The last one that was issued. */
            refresh_token: string;
        };
        SessionPage: {
            items: components["schemas"]["Session"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        /**
         * @example {
         *       "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "created_at": "2026-12-01T09:00:00.000Z",
         *       "last_used_at": "2026-12-01T09:15:00.000Z",
         *       "user_agent": "Mozilla/5.0",
         *       "current": true
         *     }
         */
        Session: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When its tokens were last refreshed.
             * @example 2026-12-01T09:00:00.000Z
             */
            last_used_at: string;
            /** @description What the client called itself when it signed in. */
            user_agent: string | null;
            /** @description Is it the one that asks? */
            current: boolean;
        };
        /**
         * @example {
         *       "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "email": "ada@example.org",
         *       "name": "Ada",
         *       "time_zone": "Europe/Berlin",
         *       "reminder_time": "09:00",
         *       "created_at": "2026-12-01T09:00:00.000Z",
         *       "quotas": {
         *         "tasks": {
         *           "used": 412,
         *           "limit": 100000
         *         },
         *         "projects": {
         *           "used": 5,
         *           "limit": 1000
         *         },
         *         "labels": {
         *           "used": 12,
         *           "limit": 1000
         *         },
         *         "keys": {
         *           "used": 1,
         *           "limit": 100
         *         },
         *         "bytes": {
         *           "used": 181920,
         *           "limit": 200000000
         *         }
         *       },
         *       "running": []
         *     }
         */
        Me: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            /** @description As it was typed; null for users of other issuers. */
            email: string | null;
            name: string;
            time_zone: string;
            /** @description The wall clock at which reminders take a day: `09:00` unless it is set. */
            reminder_time: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            quotas: components["schemas"]["Quotas"];
            /** @description Changes of many rows that are done chunk by chunk right now. */
            running: components["schemas"]["Running"][];
        };
        /**
         * @description What the user has, and how much is allowed. What is in the trash counts. `bytes` is what texts take. More can be used than is allowed where the limit was lowered.
         * @example {
         *       "tasks": {
         *         "used": 412,
         *         "limit": 100000
         *       },
         *       "projects": {
         *         "used": 5,
         *         "limit": 1000
         *       },
         *       "labels": {
         *         "used": 12,
         *         "limit": 1000
         *       },
         *       "keys": {
         *         "used": 1,
         *         "limit": 100
         *       },
         *       "bytes": {
         *         "used": 181920,
         *         "limit": 200000000
         *       }
         *     }
         */
        Quotas: {
            tasks: components["schemas"]["Quota"];
            projects: components["schemas"]["Quota"];
            labels: components["schemas"]["Quota"];
            keys: components["schemas"]["Quota"];
            bytes: components["schemas"]["Quota"];
        };
        /**
         * @example {
         *       "used": 412,
         *       "limit": 100000
         *     }
         */
        Quota: {
            used: number;
            limit: number;
        };
        /**
         * @example {
         *       "kind": "rename_label",
         *       "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "since": "2026-12-01T09:00:00.000Z"
         *     }
         */
        Running: {
            /** @description As in `rename_label`, `delete_label`, `delete_project`, `restore_task`. */
            kind: string;
            /**
             * Format: uuid
             * @description The label, project or task that it is about.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            since: string;
        };
        /**
         * @example {
         *       "time_zone": "Europe/Berlin"
         *     }
         */
        UserPatch: {
            /**
             * @description What the user is called.
             * @example Ada
             */
            name?: string;
            /**
             * @description A name of the IANA time zone database, or an offset from UTC, as in `+05:30`.
             * @example Europe/Berlin
             */
            time_zone?: string;
            /**
             * @description A wall clock, `hh:mm`.
             * @example 09:00
             */
            reminder_time?: string;
        };
        /**
         * @description The password; or for an account without one, code and verifier of a sign-in just now, begun at `/auth/openid/start?purpose=prove&challenge=…`, with an identity of this account.
         * @example {
         *       "password": "a heron on the pier"
         *     }
         */
        Proof: {
            /**
             * Format: password
             * @description The present password.
             * @example a heron on the pier
             */
            password?: string;
            /** @description The one-time code that the sign-in ended with. Good once, for two minutes. */
            code?: string;
            /** @description The verifier whose S256 challenge the sign-in was begun with (RFC 7636). A wrong one spends the code. */
            verifier?: string;
        };
        /**
         * @example {
         *       "current_password": "a heron on the pier",
         *       "new_password": "two herons on the pier"
         *     }
         */
        PasswordChange: {
            /**
             * Format: password
             * @description The present password.
             * @example a heron on the pier
             */
            current_password: string;
            /**
             * Format: password
             * @description Any characters; none of the most common passwords, nor the e-mail address.
             * @example a heron on the pier
             */
            new_password: string;
        };
        IdentityPage: {
            items: components["schemas"]["Identity"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        /**
         * @example {
         *       "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "issuer": "https://huggingface.co",
         *       "subject": "62f3c1a9e0b4d5f6a7b8c9d0",
         *       "created_at": "2026-12-01T09:00:00.000Z",
         *       "last_used_at": "2026-12-01T09:15:00.000Z"
         *     }
         */
        Identity: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            /** @description The OpenID provider. */
            issuer: string;
            /** @description What the provider calls the user: its `sub`. */
            subject: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was last used to sign in.
             * @example 2026-12-01T09:00:00.000Z
             */
            last_used_at: string;
        };
        /**
         * @example {
         *       "code": "q7Zk2m0Zr6mXo0m4bB0xXy4yq7sT1k9uQe3wJc8vNf5",
         *       "verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
         *       "proof": {
         *         "password": "a heron on the pier"
         *       }
         *     }
         */
        IdentityLink: {
            /** @description The one-time code that the sign-in ended with. Good once, for two minutes. */
            code: string;
            /** @description The verifier whose S256 challenge the sign-in was begun with (RFC 7636). A wrong one spends the code. */
            verifier: string;
            proof: components["schemas"]["Proof"];
        };
        ApiKeyPage: {
            items: components["schemas"]["ApiKey"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        /**
         * @example {
         *       "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "name": "Phone",
         *       "prefix": "tpk_2m0Zr6mX",
         *       "scopes": [
         *         "tasks:read",
         *         "tasks:write"
         *       ],
         *       "expires_at": "2026-12-31T00:00:00.000Z",
         *       "last_used_at": null,
         *       "created_at": "2026-12-01T09:00:00.000Z"
         *     }
         */
        ApiKey: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            name: string;
            /** @description How the key begins. */
            prefix: string;
            scopes: components["schemas"]["Scope"][];
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            expires_at: string | null;
            /**
             * Format: date-time
             * @description To the minute.
             * @example 2026-12-01T09:00:00.000Z
             */
            last_used_at: string | null;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
        };
        /**
         * @example {
         *       "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "name": "Phone",
         *       "prefix": "tpk_2m0Zr6mX",
         *       "scopes": [
         *         "tasks:read",
         *         "tasks:write"
         *       ],
         *       "expires_at": "2026-12-31T00:00:00.000Z",
         *       "last_used_at": null,
         *       "created_at": "2026-12-01T09:00:00.000Z",
         *       "key": "tpk_2m0Zr6mXo0m4bB0xXy4yq7sT1k9uQe3wJc8vNf5hLdAq1w2e3"
         *     }
         */
        CreatedApiKey: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            name: string;
            /** @description How the key begins. */
            prefix: string;
            scopes: components["schemas"]["Scope"][];
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            expires_at: string | null;
            /**
             * Format: date-time
             * @description To the minute.
             * @example 2026-12-01T09:00:00.000Z
             */
            last_used_at: string | null;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /** @description The key itself, shown this once: a repetition by Idempotency-Key lacks it. */
            key?: string;
        };
        /**
         * @example {
         *       "name": "Phone",
         *       "scopes": [
         *         "tasks:read",
         *         "tasks:write"
         *       ],
         *       "expires_at": null
         *     }
         */
        NewApiKey: {
            /**
             * @description What the key is for.
             * @example Phone
             */
            name: string;
            /** @description What the key may do. */
            scopes: components["schemas"]["Scope"][];
            /**
             * Format: date-time
             * @description From when on the key no longer works; null for never.
             */
            expires_at?: string | null;
        };
        ProjectPage: {
            items: components["schemas"]["Project"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        /**
         * @example {
         *       "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "name": "House",
         *       "color": "#2f6feb",
         *       "archived": false,
         *       "position": "j2kXy0a1B00",
         *       "inbox": false,
         *       "created_at": "2026-12-01T09:00:00.000Z",
         *       "updated_at": "2026-12-01T09:00:00.000Z",
         *       "rev": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e10"
         *     }
         */
        Project: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            name: string;
            color: string | null;
            archived: boolean;
            position: string;
            /** @description Every user has one inbox. It takes the tasks that name no project, and cannot be deleted. */
            inbox: boolean;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            updated_at: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            rev: string;
        };
        /**
         * @example {
         *       "name": "House",
         *       "color": "#2f6feb"
         *     }
         */
        NewProject: {
            /**
             * Format: uuid
             * @description A UUIDv7 that the client has made. The same request with the same id makes nothing again: it is answered 200, with what is there.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id?: string;
            name: string;
            /**
             * @description Default: `null`.
             * @example #2f6feb
             */
            color?: string | null;
            /** @description Default: `false`. */
            archived?: boolean;
        };
        /**
         * @example {
         *       "name": "House and garden"
         *     }
         */
        ProjectPatch: {
            name?: string;
            /** @example #2f6feb */
            color?: string | null;
            archived?: boolean;
            /**
             * @description Where it stands among the others: a fractional index key, compared byte by byte.
             * @example j2kXy0a1B00
             */
            position?: string;
        };
        TaskPage: {
            items: components["schemas"]["Task"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        /**
         * @example {
         *       "id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *       "project_id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "title": "Sweep the chimney",
         *       "description": "Ask for the *certificate*.",
         *       "priority": "high",
         *       "due": {
         *         "kind": "day",
         *         "date": "2026-12-01"
         *       },
         *       "labels": [
         *         "house"
         *       ],
         *       "parent_id": null,
         *       "status": "pending",
         *       "start": null,
         *       "deadline": "2026-12-24",
         *       "estimate_minutes": 45,
         *       "url": null,
         *       "external_id": null,
         *       "blocked_by": [],
         *       "recurrence": null,
         *       "occurrence": null,
         *       "extra": {},
         *       "blocked": false,
         *       "progress": {
         *         "completed": 1,
         *         "total": 3
         *       },
         *       "comment_count": 0,
         *       "position": "j2kXy0a1B00",
         *       "created_by": "0199c2f4-0000-7000-8000-000000000001",
         *       "created_at": "2026-11-23T09:00:00.000Z",
         *       "updated_at": "2026-11-23T09:00:00.000Z",
         *       "completed_at": null,
         *       "deleted_at": null,
         *       "rev": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1b"
         *     }
         */
        Task: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            project_id: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            parent_id: string | null;
            title: string;
            description: string;
            status: components["schemas"]["TaskStatus"];
            priority: components["schemas"]["TaskPriority"];
            start: components["schemas"]["WallTime"] | null;
            due: components["schemas"]["WallTime"] | null;
            /** Format: date */
            deadline: string | null;
            estimate_minutes: number | null;
            url: string | null;
            external_id: string | null;
            /** @description The ids of the tasks that it waits for. */
            blocked_by: string[];
            recurrence: components["schemas"]["Recurrence"] | null;
            /** @description Of a recurring task: the slot of its rule that the present due stands for (RFC 5545, RECURRENCE-ID). It stays where the due is postponed. */
            occurrence: components["schemas"]["WallTime"] | null;
            labels: string[];
            /**
             * @description What a client wants to keep with the task: a flat object of at most 20 texts, 4 KiB as JSON.
             * @example {
             *       "invoice": "2026-117"
             *     }
             */
            extra: {
                [key: string]: string;
            };
            /** @description Is a task of `blocked_by` open, and not in the trash? */
            blocked: boolean;
            /** @description Null where nothing counts. */
            progress: components["schemas"]["TaskProgress"] | null;
            comment_count: number;
            /** @description Where it stands in its project: a fractional index key, compared byte by byte. `move` changes it. */
            position: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            created_by: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            updated_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            completed_at: string | null;
            /**
             * Format: date-time
             * @description Since when it is in the trash.
             * @example 2026-12-01T09:00:00.000Z
             */
            deleted_at: string | null;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            rev: string;
        };
        /**
         * @description All day.
         * @example {
         *       "kind": "day",
         *       "date": "2026-12-01"
         *     }
         */
        Day: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "day";
            /**
             * Format: date
             * @example 2026-12-01
             */
            date: string;
        };
        /**
         * @description The same wall clock wherever one is.
         * @example {
         *       "kind": "floating",
         *       "datetime": "2026-12-01T09:00:00"
         *     }
         */
        FloatingTime: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "floating";
            /** @example 2026-12-01T09:00:00 */
            datetime: string;
        };
        /**
         * @description A wall clock in a zone, which is one instant. In a gap of daylight saving time the offset before it holds, in an overlap the first of the two times counts (RFC 5545, 3.3.5).
         * @example {
         *       "kind": "zoned",
         *       "datetime": "2026-12-01T09:00:00",
         *       "time_zone": "Europe/Berlin"
         *     }
         */
        ZonedTime: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "zoned";
            /** @example 2026-12-01T09:00:00 */
            datetime: string;
            /**
             * @description A name of the IANA time zone database.
             * @example Europe/Berlin
             */
            time_zone: string;
        };
        /**
         * @example {
         *       "title": "Sweep the chimney",
         *       "description": "Ask for the *certificate*.",
         *       "priority": "high",
         *       "due": {
         *         "date": "2026-12-01"
         *       },
         *       "labels": [
         *         "house"
         *       ]
         *     }
         */
        NewTask: {
            /**
             * Format: uuid
             * @description Without it: the parent's project, or the inbox.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            project_id?: string;
            /**
             * Format: uuid
             * @description The task that this is a part of, in the same project; at most ten levels. Default: `null`.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            parent_id?: string | null;
            /** @example Sweep the chimney */
            title: string;
            /** @description Markdown, at most 65,536 bytes in UTF-8: as many characters of ASCII, 21,845 Chinese ones. Default: `""`. */
            description?: string;
            /** @description Default: `"pending"`. */
            status?: components["schemas"]["TaskStatus"];
            /** @description Default: `"none"`. */
            priority?: components["schemas"]["TaskPriority"];
            /** @description Default: `null`. */
            start?: components["schemas"]["WallTimeInput"] | null;
            /** @description Default: `null`. */
            due?: components["schemas"]["WallTimeInput"] | null;
            /**
             * Format: date
             * @description The day by which it has to be done. Nothing happens on it, as on `due`. Default: `null`.
             * @example 2026-12-01
             */
            deadline?: string | null;
            /**
             * @description How long it will take: 1 minute to a year. Default: `null`.
             * @example 45
             */
            estimate_minutes?: number | null;
            /**
             * @description What it is about. Schemes: `http`, `https`, `mailto`, `tel`, `sms`, `geo`, `message`. Kept as it was sent. Default: `null`.
             * @example https://example.org/chimneys/7
             */
            url?: string | null;
            /**
             * @description What another system calls it. No two tasks of a project have the same one, those in the trash included. Default: `null`.
             * @example todoist:2995104339
             */
            external_id?: string | null;
            /** @description The ids of the tasks that it waits for, at most 50; also of other projects. Default: `[]`. */
            blocked_by?: string[];
            /** @description Default: `null`. */
            recurrence?: components["schemas"]["RecurrenceInput"] | null;
            /**
             * @description Names. Those that do not exist yet are made. Default: `[]`.
             * @example [
             *       "errand"
             *     ]
             */
            labels?: string[];
            /**
             * @description What a client wants to keep with the task: a flat object of at most 20 texts, 4 KiB as JSON.
             * @example {
             *       "invoice": "2026-117"
             *     }
             */
            extra?: {
                [key: string]: string;
            };
            /**
             * Format: uuid
             * @description A UUIDv7 that the client has made. The same request with the same id makes nothing again: it is answered 200, with what is there.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id?: string;
            /**
             * Format: date-time
             * @description When the client made it, in the past. Without it: the time in the `id`, or the present.
             */
            created_at?: string;
            /**
             * Format: date-time
             * @description When it was completed, in the past, and not before `created_at`. Only with the status `completed`.
             */
            completed_at?: string;
        };
        /**
         * @example {
         *       "title": "Sweep the chimney",
         *       "description": "Ask for the *certificate*.",
         *       "priority": "high",
         *       "due": {
         *         "date": "2026-12-01"
         *       },
         *       "labels": [
         *         "house"
         *       ]
         *     }
         */
        TaskReplacement: {
            /**
             * Format: uuid
             * @description Without it: the parent's project, or the inbox.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            project_id?: string;
            /**
             * Format: uuid
             * @description The task that this is a part of, in the same project; at most ten levels. Default: `null`.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            parent_id?: string | null;
            /** @example Sweep the chimney */
            title: string;
            /** @description Markdown, at most 65,536 bytes in UTF-8: as many characters of ASCII, 21,845 Chinese ones. Default: `""`. */
            description?: string;
            /** @description Default: `"pending"`. */
            status?: components["schemas"]["TaskStatus"];
            /** @description Default: `"none"`. */
            priority?: components["schemas"]["TaskPriority"];
            /** @description Default: `null`. */
            start?: components["schemas"]["WallTimeInput"] | null;
            /** @description Default: `null`. */
            due?: components["schemas"]["WallTimeInput"] | null;
            /**
             * Format: date
             * @description The day by which it has to be done. Nothing happens on it, as on `due`. Default: `null`.
             * @example 2026-12-01
             */
            deadline?: string | null;
            /**
             * @description How long it will take: 1 minute to a year. Default: `null`.
             * @example 45
             */
            estimate_minutes?: number | null;
            /**
             * @description What it is about. Schemes: `http`, `https`, `mailto`, `tel`, `sms`, `geo`, `message`. Kept as it was sent. Default: `null`.
             * @example https://example.org/chimneys/7
             */
            url?: string | null;
            /**
             * @description What another system calls it. No two tasks of a project have the same one, those in the trash included. Default: `null`.
             * @example todoist:2995104339
             */
            external_id?: string | null;
            /** @description The ids of the tasks that it waits for, at most 50; also of other projects. Default: `[]`. */
            blocked_by?: string[];
            /** @description Default: `null`. */
            recurrence?: components["schemas"]["RecurrenceInput"] | null;
            /**
             * @description Names. Those that do not exist yet are made. Default: `[]`.
             * @example [
             *       "errand"
             *     ]
             */
            labels?: string[];
            /**
             * @description What a client wants to keep with the task: a flat object of at most 20 texts, 4 KiB as JSON.
             * @example {
             *       "invoice": "2026-117"
             *     }
             */
            extra?: {
                [key: string]: string;
            };
            /** @description Read only: the present value, if given. */
            id?: unknown;
            /** @description Read only: the present value, if given. */
            occurrence?: components["schemas"]["WallTimeInput"] | null;
            /** @description Read only: the present value, if given. */
            blocked?: unknown;
            /** @description Read only: the present value, if given. */
            progress?: unknown;
            /** @description Read only: the present value, if given. */
            comment_count?: unknown;
            /** @description Read only: the present value, if given. */
            position?: unknown;
            /** @description Read only: the present value, if given. */
            created_by?: unknown;
            /** @description Read only: the present value, if given. */
            created_at?: unknown;
            /** @description Read only: the present value, if given. */
            updated_at?: unknown;
            /** @description Read only: the present value, if given. */
            completed_at?: unknown;
            /** @description Read only: the present value, if given. */
            deleted_at?: unknown;
            /** @description Read only: the present value, if given. */
            rev?: unknown;
        };
        /**
         * @description A merge patch (RFC 7396): what it does not name stays.
         * @example {
         *       "priority": "urgent",
         *       "due": {
         *         "date": "2026-12-02"
         *       }
         *     }
         */
        TaskPatch: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            project_id?: string;
            /**
             * Format: uuid
             * @description The task that this is a part of, in the same project; at most ten levels.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            parent_id?: string | null;
            /** @example Sweep the chimney */
            title?: string;
            /** @description Markdown, at most 65,536 bytes in UTF-8: as many characters of ASCII, 21,845 Chinese ones. */
            description?: string;
            status?: components["schemas"]["TaskStatus"];
            priority?: components["schemas"]["TaskPriority"];
            start?: components["schemas"]["WallTimePatch"] | null;
            due?: components["schemas"]["WallTimePatch"] | null;
            /**
             * Format: date
             * @description The day by which it has to be done. Nothing happens on it, as on `due`.
             * @example 2026-12-01
             */
            deadline?: string | null;
            /**
             * @description How long it will take: 1 minute to a year.
             * @example 45
             */
            estimate_minutes?: number | null;
            /**
             * @description What it is about. Schemes: `http`, `https`, `mailto`, `tel`, `sms`, `geo`, `message`. Kept as it was sent.
             * @example https://example.org/chimneys/7
             */
            url?: string | null;
            /**
             * @description What another system calls it. No two tasks of a project have the same one, those in the trash included.
             * @example todoist:2995104339
             */
            external_id?: string | null;
            /** @description The ids of the tasks that it waits for, at most 50; also of other projects. */
            blocked_by?: string[];
            recurrence?: components["schemas"]["RecurrencePatch"] | null;
            /**
             * @description Names. Those that do not exist yet are made.
             * @example [
             *       "errand"
             *     ]
             */
            labels?: string[];
            /**
             * @description Merged into what is there: null takes a field away.
             * @example {
             *       "invoice": "2026-117"
             *     }
             */
            extra?: {
                [key: string]: string | null;
            };
        };
        /** @example {} */
        OccurrenceChoice: {
            /** @description The occurrence that is meant, as the task has it in `occurrence`. One that was done before changes nothing, so that a repeated request does its work once. */
            occurrence?: components["schemas"]["WallTimeInput"];
        };
        TaskOccurrencePage: {
            items: components["schemas"]["TaskOccurrence"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        /**
         * @example {
         *       "occurrence": {
         *         "kind": "day",
         *         "date": "2026-11-27"
         *       },
         *       "due": {
         *         "kind": "day",
         *         "date": "2026-11-28"
         *       },
         *       "start": null,
         *       "outcome": "completed",
         *       "done_at": "2026-11-28T09:00:00.000Z",
         *       "done_by": "0199c2f4-0000-7000-8000-000000000001"
         *     }
         */
        TaskOccurrence: {
            /** @description The slot of the rule. */
            occurrence: components["schemas"]["WallTime"];
            due: components["schemas"]["WallTime"];
            start: components["schemas"]["WallTime"] | null;
            /** @description Null for one that is to come. */
            outcome: components["schemas"]["OccurrenceOutcome"] | null;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            done_at: string | null;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            done_by: string | null;
        };
        /** @example {} */
        OccurrenceToUndo: {
            /** @description The occurrence to which a recurring task is to go back. Where the task is there already, nothing changes, so that a repeated request undoes one alone. */
            occurrence?: components["schemas"]["WallTimeInput"];
        };
        /**
         * @description There is nothing to say; the body may be left out.
         * @example {}
         */
        NoFields: Record<string, never>;
        /**
         * @example {
         *       "parent_id": null
         *     }
         */
        TaskMove: {
            /**
             * Format: uuid
             * @description Without it: where it is, or where the new parent is.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            project_id?: string;
            /**
             * Format: uuid
             * @description null takes it out of its parent.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            parent_id?: string | null;
            /**
             * Format: uuid
             * @description The task of the same project that it will stand before.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            before?: string;
            /**
             * Format: uuid
             * @description The task of the same project that it will stand after. With neither: at the end.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            after?: string;
        };
        CommentPage: {
            items: components["schemas"]["Comment"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        /**
         * @example {
         *       "id": "0199c2f4-7c4d-7e5f-8061-7c8d9e0f1a2b",
         *       "task_id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *       "text": "Called them. They come on *Tuesday*.",
         *       "edited": false,
         *       "created_by": "0199c2f4-0000-7000-8000-000000000001",
         *       "created_at": "2026-11-23T09:00:00.000Z",
         *       "updated_at": "2026-11-23T09:00:00.000Z",
         *       "rev": "0199c2f4-7c4d-7e5f-8061-7c8d9e0f1a2c"
         *     }
         */
        Comment: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            task_id: string;
            text: string;
            /** @description Whether its text was changed. */
            edited: boolean;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            created_by: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            updated_at: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            rev: string;
        };
        /**
         * @example {
         *       "text": "Called them. They come on *Tuesday*."
         *     }
         */
        NewComment: {
            /**
             * @description Markdown, at most 16,384 bytes in UTF-8.
             * @example Called them. They come on *Tuesday*.
             */
            text: string;
        };
        /**
         * @description A merge patch (RFC 7396): what it does not name stays.
         * @example {
         *       "text": "Called them. They come on *Wednesday*."
         *     }
         */
        CommentPatch: {
            /**
             * @description Markdown, at most 16,384 bytes in UTF-8.
             * @example Called them. They come on *Tuesday*.
             */
            text?: string;
        };
        LabelPage: {
            items: components["schemas"]["Label"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        /**
         * @example {
         *       "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "name": "errand",
         *       "color": "#2f6feb",
         *       "created_at": "2026-12-01T09:00:00.000Z",
         *       "updated_at": "2026-12-01T09:00:00.000Z",
         *       "rev": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e10"
         *     }
         */
        Label: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            name: string;
            color: string | null;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            updated_at: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            rev: string;
        };
        /**
         * @example {
         *       "name": "errand",
         *       "color": "#2f6feb"
         *     }
         */
        NewLabel: {
            /**
             * Format: uuid
             * @description A UUIDv7 that the client has made. The same request with the same id makes nothing again: it is answered 200, with what is there.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id?: string;
            /**
             * @description Case and accents matter. Stored and compared in NFC.
             * @example errand
             */
            name: string;
            /**
             * @description Default: `null`.
             * @example #2f6feb
             */
            color?: string | null;
        };
        /**
         * @example {
         *       "name": "errands"
         *     }
         */
        LabelPatch: {
            /**
             * @description Case and accents matter. Stored and compared in NFC.
             * @example errand
             */
            name?: string;
            /** @example #2f6feb */
            color?: string | null;
        };
        ReminderPage: {
            items: components["schemas"]["Reminder"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        /**
         * @example {
         *       "id": "0199c2f4-7c4d-7e5f-8a61-7c8d9e0f1a2b",
         *       "task_id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *       "trigger": {
         *         "kind": "days",
         *         "before": "due",
         *         "days": 1,
         *         "time": "18:00"
         *       },
         *       "fire_at": "2026-11-30T17:00:00.000Z",
         *       "status": "pending",
         *       "fired_at": null,
         *       "late": false,
         *       "created_at": "2026-11-23T09:00:00.000Z",
         *       "updated_at": "2026-11-23T09:00:00.000Z",
         *       "rev": "0199c2f4-7c4d-7e5f-8a61-7c8d9e0f1a2c"
         *     }
         */
        Reminder: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            task_id: string;
            trigger: components["schemas"]["ReminderTrigger"];
            /**
             * Format: date-time
             * @description When it fires or should have; null where its task has no such time.
             * @example 2026-12-01T09:00:00.000Z
             */
            fire_at: string | null;
            status: components["schemas"]["ReminderStatus"];
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            fired_at: string | null;
            /** @description Did it fire more than two minutes late? */
            late: boolean;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            updated_at: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            rev: string;
        };
        /** @description At an instant. */
        ReminderAtInstant: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "instant";
            /**
             * Format: date-time
             * @example 2026-12-01T08:00:00.000Z
             */
            at: string;
        };
        /** @description On a day, at the `reminder_time` of the user. */
        ReminderOnDay: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "day";
            /**
             * Format: date
             * @example 2026-12-01
             */
            date: string;
        };
        /** @description At a wall clock in the time zone of the user. */
        ReminderAtFloatingTime: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "floating";
            /**
             * @description `YYYY-MM-DDThh:mm:ss`. A request may leave the seconds out.
             * @example 2026-12-01T09:00:00
             */
            datetime: string;
        };
        /** @description At a wall clock in a zone. */
        ReminderAtZonedTime: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "zoned";
            /**
             * @description `YYYY-MM-DDThh:mm:ss`. A request may leave the seconds out.
             * @example 2026-12-01T09:00:00
             */
            datetime: string;
            /**
             * @description A name of the IANA time zone database, or an offset from UTC, as in `+05:30`.
             * @example Europe/Berlin
             */
            time_zone: string;
        };
        /** @description Minutes before the time of the task. */
        ReminderMinutesBefore: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "minutes";
            before: components["schemas"]["ReminderBase"];
            /**
             * @description How many minutes before it; a negative number is after it. A day counts from the `reminder_time` of the user.
             * @example 30
             */
            minutes: number;
        };
        /** @description Days before the time of the task, at a clock. */
        ReminderDaysBefore: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "days";
            before: components["schemas"]["ReminderBase"];
            /**
             * @description How many days before it; a negative number is after it.
             * @example 1
             */
            days: number;
            /**
             * @description At which clock, in the zone of that time. Null: at its own clock, for a day at the `reminder_time` of the user. Default: `null`.
             * @example 09:00
             */
            time?: string | null;
        };
        /**
         * @example {
         *       "items": [
         *         {
         *           "id": "0199c2f4-7c4d-7e5f-8a61-7c8d9e0f1a2b",
         *           "task_id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *           "trigger": {
         *             "kind": "days",
         *             "before": "due",
         *             "days": 1,
         *             "time": "18:00"
         *           },
         *           "fire_at": "2026-11-30T17:00:00.000Z",
         *           "status": "pending",
         *           "fired_at": null,
         *           "late": false,
         *           "created_at": "2026-11-23T09:00:00.000Z",
         *           "updated_at": "2026-11-23T09:00:00.000Z",
         *           "rev": "0199c2f4-7c4d-7e5f-8a61-7c8d9e0f1a2c"
         *         }
         *       ]
         *     }
         */
        TaskReminders: {
            /** @description At most 20, all of them. */
            items: components["schemas"]["Reminder"][];
        };
        /**
         * @example {
         *       "trigger": {
         *         "kind": "days",
         *         "before": "due",
         *         "days": 1,
         *         "time": "18:00"
         *       }
         *     }
         */
        NewReminder: {
            trigger: components["schemas"]["ReminderTrigger"];
        };
        /**
         * @description A merge patch (RFC 7396), in which a trigger is one value.
         * @example {
         *       "trigger": {
         *         "kind": "minutes",
         *         "before": "due",
         *         "minutes": 30
         *       }
         *     }
         */
        ReminderPatch: {
            trigger?: components["schemas"]["ReminderTrigger"];
        };
        /**
         * @example {
         *       "results": [
         *         {
         *           "status": 204,
         *           "headers": {},
         *           "body": null
         *         }
         *       ]
         *     }
         */
        BatchResults: {
            /** @description One of each operation, in order. */
            results: components["schemas"]["BatchResult"][];
        };
        /**
         * @example {
         *       "status": 204,
         *       "headers": {},
         *       "body": null
         *     }
         */
        BatchResult: {
            /** @description The status that the single request would have; 424 where it was not run. */
            status: number;
            /** @description Those headers of the single answer that are its own, such as `ETag`. */
            headers: {
                [key: string]: string;
            };
            /** @description What the single request would answer, or a problem; null where that has no body. */
            body: {
                [key: string]: unknown;
            } | null;
        };
        /**
         * @example {
         *       "operations": [
         *         {
         *           "operation": "createTask",
         *           "params": {
         *             "body": {
         *               "title": "Sweep the chimney"
         *             }
         *           }
         *         },
         *         {
         *           "operation": "listLabels",
         *           "params": {
         *             "query": {
         *               "limit": 10
         *             }
         *           }
         *         }
         *       ]
         *     }
         */
        Batch: {
            operations: components["schemas"]["BatchOperation"][];
            /** @description Whether an operation that is refused keeps those behind it from being run. What was done before it stays done. Default: `"continue"`. */
            on_error?: components["schemas"]["BatchOnError"];
        };
        /**
         * @example {
         *       "operation": "createTask",
         *       "params": {
         *         "body": {
         *           "title": "Sweep the chimney"
         *         }
         *       }
         *     }
         */
        BatchOperation: {
            /** @description The name of the operation: its `operationId` in the document of the API. */
            operation: string;
            /** @description What the single request says: `id` (that of its path), `query`, `body`, `if_match` (a revision, several, or `*`) and `idempotency_key`, those of them that the operation takes. Default: `{}`. */
            params?: {
                [key: string]: unknown;
            };
        };
        /**
         * @example {
         *       "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "matched": 12,
         *       "changed": 10,
         *       "unchanged": 1,
         *       "refused": [
         *         {
         *           "code": "trashed",
         *           "reason": null,
         *           "count": 1
         *         }
         *       ],
         *       "done": true
         *     }
         */
        BulkOutcome: {
            /**
             * Format: uuid
             * @description Where it can be asked for again: /bulk/{id}. Null where nothing was begun.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string | null;
            /** @description Tasks that the filter found at the beginning. */
            matched: number;
            changed: number;
            /** @description They were so already. */
            unchanged: number;
            /** @description How many could not be changed, by the code that the single request has. */
            refused: components["schemas"]["BulkRefusal"][];
            /** @description False while it goes on behind the answer; true for a dry run. */
            done: boolean;
        };
        BulkRefusal: {
            code: string;
            /** @description With `invalid`: the code of the field that does not fit, as in `errors`. */
            reason: string | null;
            count: number;
        };
        /**
         * @example {
         *       "filter": {
         *         "status": [
         *           "pending"
         *         ],
         *         "due_before": "2026-12-01"
         *       },
         *       "change": {
         *         "action": "shift",
         *         "days": 7
         *       },
         *       "dry_run": true
         *     }
         */
        BulkChange: {
            filter: components["schemas"]["TaskFilter"];
            change: components["schemas"]["TaskChange"];
            /** @description Only count the tasks that the filter finds: which of them would be refused shows only when they are changed. Default: `false`. */
            dry_run?: boolean;
        };
        /**
         * @description The same as the query of the list of tasks; a list means OR.
         * @example {
         *       "status": [
         *         "pending"
         *       ],
         *       "label": [
         *         "errand"
         *       ]
         *     }
         */
        TaskFilter: {
            /** @description Repeat it for several. */
            project_id?: string[];
            /** @description Repeat it for several. */
            status?: components["schemas"]["TaskStatus"][];
            /** @description Repeat it for several. */
            priority?: components["schemas"]["TaskPriority"][];
            /** @description A name. */
            label?: string[];
            /** @description An id, or `none` for tasks without a parent. Repeat it for several. */
            parent_id?: string[];
            /** @description Due before this date (`2026-12-01`) or instant. Times without a zone count in the caller's. */
            due_before?: string;
            /** @description Due at or after this date or instant (`2026-12-01T00:00:00Z`). */
            due_after?: string;
            /**
             * Format: date
             * @description With a deadline before this date (`2026-12-01`).
             */
            deadline_before?: string;
            /**
             * Format: date
             * @description With a deadline on this date or after it.
             */
            deadline_after?: string;
            /** @description Whether it waits for a task that is open and not in the trash. */
            blocked?: boolean;
            /** @description Of all projects; also the trash, with `deleted`. */
            external_id?: string;
            /**
             * Format: date-time
             * @description Changed at or after this instant.
             */
            updated_since?: string;
            /** @description Words that title or description contain, all of them. Case, width and characters that cannot be seen do not matter. */
            q?: string;
            /** @description Open and past its due; a day is past only when it is over. */
            overdue?: boolean;
        };
        /**
         * @description What is done with each task: an action, and the field that goes with it.
         * @example {
         *       "action": "set_priority",
         *       "priority": "high"
         *     }
         */
        TaskChange: {
            action: components["schemas"]["TaskAction"];
            /**
             * Format: uuid
             * @description With `move`: where to.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            project_id?: string;
            /** @description With `add_labels` and `remove_labels`: names. */
            labels?: string[];
            /** @description With `set_priority`. */
            priority?: components["schemas"]["TaskPriority"];
            /** @description With `set_due`; null takes it away. */
            due?: components["schemas"]["WallTimeInput"] | null;
            /** @description With `shift`: by how many days due and start move; what has neither stays. */
            days?: number;
        };
        /**
         * @example {
         *       "gone": [
         *         {
         *           "entity": "label",
         *           "id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a"
         *         }
         *       ],
         *       "users": [],
         *       "projects": [],
         *       "tasks": [
         *         {
         *           "id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *           "project_id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *           "title": "Sweep the chimney",
         *           "description": "Ask for the *certificate*.",
         *           "priority": "high",
         *           "due": {
         *             "kind": "day",
         *             "date": "2026-12-01"
         *           },
         *           "labels": [
         *             "house"
         *           ],
         *           "parent_id": null,
         *           "status": "pending",
         *           "start": null,
         *           "deadline": "2026-12-24",
         *           "estimate_minutes": 45,
         *           "url": null,
         *           "external_id": null,
         *           "blocked_by": [],
         *           "recurrence": null,
         *           "occurrence": null,
         *           "extra": {},
         *           "blocked": false,
         *           "progress": {
         *             "completed": 1,
         *             "total": 3
         *           },
         *           "comment_count": 0,
         *           "position": "j2kXy0a1B00",
         *           "created_by": "0199c2f4-0000-7000-8000-000000000001",
         *           "created_at": "2026-11-23T09:00:00.000Z",
         *           "updated_at": "2026-11-23T09:00:00.000Z",
         *           "completed_at": null,
         *           "deleted_at": null,
         *           "rev": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1b"
         *         }
         *       ],
         *       "labels": [],
         *       "comments": [],
         *       "reminders": [],
         *       "token": "WyIwMTk5YzJmNCIsIjAxOTljMmY1Iiw0MTIsImZmZmZmZmZmIl0",
         *       "has_more": false
         *     }
         */
        Changes: {
            /** @description To be taken out of the copy before the others are put in. A task takes its comments and reminders along. A project takes nothing along: its tasks go to the trash, and are in `tasks`. */
            gone: components["schemas"]["Gone"][];
            /** @description The caller: on the first page, and when that has changed. */
            users: components["schemas"]["User"][];
            projects: components["schemas"]["Project"][];
            tasks: components["schemas"]["Task"][];
            labels: components["schemas"]["Label"][];
            comments: components["schemas"]["Comment"][];
            /** @description Also those that wait for their time, of each task that is in this page. */
            reminders: components["schemas"]["Reminder"][];
            token: components["schemas"]["SyncToken"];
            /** @description Is there a next page now? Ask for it with `token` at once. */
            has_more: boolean;
        };
        /**
         * @description Deleted for good, or no longer visible. What is in the trash is not gone: it has a `deleted_at`.
         * @example {
         *       "entity": "task",
         *       "id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a"
         *     }
         */
        Gone: {
            entity: components["schemas"]["ChangedEntity"];
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
        };
        /**
         * @description Events named `changes`, each with a sync token, and comments that keep it open.
         * @example event: changes
         *     data: {"token":"WyIwMTk5YzJmNCIsIjAxOTljMmY1Iiw0MTIsImZmZmZmZmZmIl0"}
         */
        Pokes: string;
        EventPage: {
            items: components["schemas"]["Event"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        WebhookPage: {
            items: components["schemas"]["Webhook"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        /**
         * @example {
         *       "id": "0199c2f4-8d5e-7f60-9a71-8d9e0f1a2b3c",
         *       "url": "https://hooks.example.org/taskport",
         *       "description": "Chat",
         *       "event_types": [
         *         "task.created",
         *         "task.completed"
         *       ],
         *       "project_id": null,
         *       "active": true,
         *       "disabled_reason": null,
         *       "disabled_at": null,
         *       "failing_since": null,
         *       "previous_secret_until": null,
         *       "created_at": "2026-12-01T09:00:00.000Z",
         *       "updated_at": "2026-12-01T09:00:00.000Z",
         *       "rev": "0199c2f4-8d5e-7f60-9a71-8d9e0f1a2b3d"
         *     }
         */
        Webhook: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            url: string;
            description: string;
            /** @description Empty: every type. */
            event_types: components["schemas"]["EventType"][];
            /**
             * Format: uuid
             * @description Null: every project.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            project_id: string | null;
            active: boolean;
            /** @description Why the service has switched it off; null where it has not. */
            disabled_reason: components["schemas"]["WebhookDisabledReason"] | null;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            disabled_at: string | null;
            /**
             * Format: date-time
             * @description When the first delivery failed since the last one that did not.
             * @example 2026-12-01T09:00:00.000Z
             */
            failing_since: string | null;
            /**
             * Format: date-time
             * @description Until when the secret before signs besides; null where there is none.
             * @example 2026-12-01T09:00:00.000Z
             */
            previous_secret_until: string | null;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            updated_at: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            rev: string;
        };
        /**
         * @example {
         *       "id": "0199c2f4-8d5e-7f60-9a71-8d9e0f1a2b3c",
         *       "url": "https://hooks.example.org/taskport",
         *       "description": "Chat",
         *       "event_types": [
         *         "task.created",
         *         "task.completed"
         *       ],
         *       "project_id": null,
         *       "active": true,
         *       "disabled_reason": null,
         *       "disabled_at": null,
         *       "failing_since": null,
         *       "previous_secret_until": null,
         *       "created_at": "2026-12-01T09:00:00.000Z",
         *       "updated_at": "2026-12-01T09:00:00.000Z",
         *       "rev": "0199c2f4-8d5e-7f60-9a71-8d9e0f1a2b3d",
         *       "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD8yMVl5q8FZk="
         *     }
         */
        WebhookWithSecret: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            url: string;
            description: string;
            /** @description Empty: every type. */
            event_types: components["schemas"]["EventType"][];
            /**
             * Format: uuid
             * @description Null: every project.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            project_id: string | null;
            active: boolean;
            /** @description Why the service has switched it off; null where it has not. */
            disabled_reason: components["schemas"]["WebhookDisabledReason"] | null;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            disabled_at: string | null;
            /**
             * Format: date-time
             * @description When the first delivery failed since the last one that did not.
             * @example 2026-12-01T09:00:00.000Z
             */
            failing_since: string | null;
            /**
             * Format: date-time
             * @description Until when the secret before signs besides; null where there is none.
             * @example 2026-12-01T09:00:00.000Z
             */
            previous_secret_until: string | null;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            updated_at: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            rev: string;
            /** @description What verifies its deliveries, shown this once: a repetition by Idempotency-Key lacks it. */
            secret?: string;
        };
        /**
         * @example {
         *       "url": "https://hooks.example.org/taskport",
         *       "description": "Chat",
         *       "event_types": [
         *         "task.created",
         *         "task.completed"
         *       ]
         *     }
         */
        NewWebhook: {
            /**
             * Format: uri
             * @description Where deliveries are sent: https, on port 443, 80, 8080 or 8443, at an address of the public internet.
             * @example https://hooks.example.org/taskport
             */
            url: string;
            /**
             * @description Default: `""`.
             * @example Chat
             */
            description?: string;
            /** @description What it is told of; empty for everything. Default: `[]`. */
            event_types?: components["schemas"]["EventType"][];
            /**
             * Format: uuid
             * @description Only what happens in this project; null for everything. Default: `null`.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            project_id?: string | null;
            /** @description Is it told? What happens while it is switched off is not sent later. Switching it on forgets why the service had switched it off. Default: `true`. */
            active?: boolean;
        };
        /**
         * @description A merge patch (RFC 7396), in which the list of types is one value.
         * @example {
         *       "active": true
         *     }
         */
        WebhookPatch: {
            /**
             * Format: uri
             * @description Where deliveries are sent: https, on port 443, 80, 8080 or 8443, at an address of the public internet.
             * @example https://hooks.example.org/taskport
             */
            url?: string;
            /** @example Chat */
            description?: string;
            /** @description What it is told of; empty for everything. */
            event_types?: components["schemas"]["EventType"][];
            /**
             * Format: uuid
             * @description Only what happens in this project; null for everything.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            project_id?: string | null;
            /** @description Is it told? What happens while it is switched off is not sent later. Switching it on forgets why the service had switched it off. */
            active?: boolean;
        };
        /**
         * @example {
         *       "id": "0199c2f4-9e6f-7071-8b82-9e0f1a2b3c4d",
         *       "webhook_id": "0199c2f4-8d5e-7f60-9a71-8d9e0f1a2b3c",
         *       "message_id": "msg_0199c2f4-9e6f-7071-8b82-9e0f1a2b3c4d",
         *       "event_id": "0199c2f4-9e6f-7071-8b82-9e0f1a2b3c4c",
         *       "event_type": "task.completed",
         *       "status": "delivered",
         *       "attempts": 1,
         *       "next_attempt_at": null,
         *       "last_attempt_at": "2026-12-01T09:00:01.000Z",
         *       "response_status": 200,
         *       "response_excerpt": "ok",
         *       "error": null,
         *       "duration_ms": 84,
         *       "created_at": "2026-12-01T09:00:00.000Z"
         *     }
         */
        WebhookDelivery: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            webhook_id: string;
            /** @description The `webhook-id` with which it is sent: the same at each attempt. */
            message_id: string;
            /**
             * Format: uuid
             * @description Null for a test.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            event_id: string | null;
            event_type: string;
            status: components["schemas"]["WebhookDeliveryStatus"];
            /** @description How often sending it has begun. */
            attempts: number;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            next_attempt_at: string | null;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            last_attempt_at: string | null;
            /** @description Of the last answer; null where none came. */
            response_status: number | null;
            /** @description The beginning of the last answer. */
            response_excerpt: string | null;
            /** @description Why the last attempt failed. */
            error: string | null;
            duration_ms: number | null;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
        };
        WebhookDeliveryPage: {
            items: components["schemas"]["WebhookDelivery"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        /**
         * @description Everything of one user.
         * @example {
         *       "format": "taskport",
         *       "version": 1,
         *       "exported_at": "2026-12-01T09:00:00.000Z",
         *       "settings": {
         *         "name": "Ada",
         *         "time_zone": "Europe/Berlin",
         *         "reminder_time": "09:00"
         *       },
         *       "tasks": [
         *         {
         *           "id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *           "project_id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *           "title": "Sweep the chimney",
         *           "description": "Ask for the *certificate*.",
         *           "priority": "high",
         *           "due": {
         *             "kind": "day",
         *             "date": "2026-12-01"
         *           },
         *           "labels": [
         *             "house"
         *           ],
         *           "parent_id": null,
         *           "status": "pending",
         *           "start": null,
         *           "deadline": "2026-12-24",
         *           "estimate_minutes": 45,
         *           "url": null,
         *           "external_id": null,
         *           "blocked_by": [],
         *           "recurrence": null,
         *           "occurrence": null,
         *           "extra": {},
         *           "blocked": false,
         *           "progress": {
         *             "completed": 1,
         *             "total": 3
         *           },
         *           "comment_count": 0,
         *           "position": "j2kXy0a1B00",
         *           "created_at": "2026-11-23T09:00:00.000Z",
         *           "updated_at": "2026-11-23T09:00:00.000Z",
         *           "completed_at": null,
         *           "deleted_at": null,
         *           "recurrence_left": null
         *         }
         *       ],
         *       "occurrences": [],
         *       "reminders": [
         *         {
         *           "id": "0199c2f4-7c4d-7e5f-8a61-7c8d9e0f1a2b",
         *           "task_id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *           "trigger": {
         *             "kind": "days",
         *             "before": "due",
         *             "days": 1,
         *             "time": "18:00"
         *           },
         *           "fire_at": "2026-11-30T17:00:00.000Z",
         *           "status": "pending",
         *           "fired_at": null,
         *           "late": false,
         *           "created_at": "2026-11-23T09:00:00.000Z",
         *           "updated_at": "2026-11-23T09:00:00.000Z"
         *         }
         *       ],
         *       "comments": [
         *         {
         *           "id": "0199c2f4-7c4d-7e5f-8061-7c8d9e0f1a2b",
         *           "task_id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *           "text": "Called them. They come on *Tuesday*.",
         *           "edited": false,
         *           "created_at": "2026-11-23T09:00:00.000Z",
         *           "updated_at": "2026-11-23T09:00:00.000Z"
         *         }
         *       ],
         *       "projects": [
         *         {
         *           "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *           "name": "House",
         *           "color": "#2f6feb",
         *           "archived": false,
         *           "position": "j2kXy0a1B00",
         *           "created_at": "2026-12-01T09:00:00.000Z",
         *           "updated_at": "2026-12-01T09:00:00.000Z"
         *         }
         *       ],
         *       "inbox": {
         *         "name": "Inbox",
         *         "color": null,
         *         "position": "j2kXy0a1A00",
         *         "updated_at": "2026-11-23T09:00:00.000Z"
         *       },
         *       "labels": [
         *         {
         *           "name": "errand",
         *           "color": "#2f6feb",
         *           "created_at": "2026-12-01T09:00:00.000Z",
         *           "updated_at": "2026-12-01T09:00:00.000Z"
         *         }
         *       ],
         *       "end": {
         *         "tasks": 1,
         *         "occurrences": 0,
         *         "reminders": 1,
         *         "comments": 1,
         *         "projects": 1,
         *         "labels": 1
         *       }
         *     }
         */
        ExportDocument: {
            /** @enum {string} */
            format: "taskport";
            /** @enum {number} */
            version: 1;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            exported_at: string;
            settings: components["schemas"]["ExportedSettings"];
            /** @description In the order of their ids; those in the trash as well. */
            tasks: components["schemas"]["ExportedTask"][];
            /** @description Those that are done. */
            occurrences: components["schemas"]["ExportedOccurrence"][];
            /** @description Those of the user. */
            reminders: components["schemas"]["ExportedReminder"][];
            comments: components["schemas"]["ExportedComment"][];
            inbox: components["schemas"]["ExportedInbox"];
            /** @description Without the inbox. */
            projects: components["schemas"]["ExportedProject"][];
            labels: components["schemas"]["ExportedLabel"][];
            end: components["schemas"]["ExportEnd"];
        };
        /**
         * @description What PATCH /me sets.
         * @example {
         *       "name": "Ada",
         *       "time_zone": "Europe/Berlin",
         *       "reminder_time": "09:00"
         *     }
         */
        ExportedSettings: {
            name: string;
            time_zone: string;
            reminder_time: string;
        };
        /**
         * @example {
         *       "id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *       "project_id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "title": "Sweep the chimney",
         *       "description": "Ask for the *certificate*.",
         *       "priority": "high",
         *       "due": {
         *         "kind": "day",
         *         "date": "2026-12-01"
         *       },
         *       "labels": [
         *         "house"
         *       ],
         *       "parent_id": null,
         *       "status": "pending",
         *       "start": null,
         *       "deadline": "2026-12-24",
         *       "estimate_minutes": 45,
         *       "url": null,
         *       "external_id": null,
         *       "blocked_by": [],
         *       "recurrence": null,
         *       "occurrence": null,
         *       "extra": {},
         *       "blocked": false,
         *       "progress": {
         *         "completed": 1,
         *         "total": 3
         *       },
         *       "comment_count": 0,
         *       "position": "j2kXy0a1B00",
         *       "created_at": "2026-11-23T09:00:00.000Z",
         *       "updated_at": "2026-11-23T09:00:00.000Z",
         *       "completed_at": null,
         *       "deleted_at": null,
         *       "recurrence_left": null
         *     }
         */
        ExportedTask: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            /**
             * Format: uuid
             * @description Null: in the inbox.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            project_id: string | null;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            parent_id: string | null;
            title: string;
            description: string;
            status: components["schemas"]["TaskStatus"];
            priority: components["schemas"]["TaskPriority"];
            start: components["schemas"]["WallTime"] | null;
            due: components["schemas"]["WallTime"] | null;
            /** Format: date */
            deadline: string | null;
            estimate_minutes: number | null;
            url: string | null;
            external_id: string | null;
            /** @description The ids of the tasks that it waits for. */
            blocked_by: string[];
            recurrence: components["schemas"]["Recurrence"] | null;
            /** @description Of a recurring task: the slot of its rule that the present due stands for (RFC 5545, RECURRENCE-ID). It stays where the due is postponed. */
            occurrence: components["schemas"]["WallTime"] | null;
            labels: string[];
            /**
             * @description What a client wants to keep with the task: a flat object of at most 20 texts, 4 KiB as JSON.
             * @example {
             *       "invoice": "2026-117"
             *     }
             */
            extra: {
                [key: string]: string;
            };
            /** @description Is a task of `blocked_by` open, and not in the trash? */
            blocked: boolean;
            /** @description Null where nothing counts. */
            progress: components["schemas"]["TaskProgress"] | null;
            comment_count: number;
            /** @description Where it stands in its project: a fractional index key, compared byte by byte. `move` changes it. */
            position: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            updated_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            completed_at: string | null;
            /**
             * Format: date-time
             * @description Since when it is in the trash.
             * @example 2026-12-01T09:00:00.000Z
             */
            deleted_at: string | null;
            /** @description Of a rule with COUNT: how many occurrences come behind the present one. */
            recurrence_left: number | null;
        };
        /**
         * @example {
         *       "id": "0199c2f4-7c4d-7e5f-8061-7c8d9e0f1a2f",
         *       "task_id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *       "occurrence": {
         *         "kind": "day",
         *         "date": "2026-11-27"
         *       },
         *       "due": {
         *         "kind": "day",
         *         "date": "2026-11-28"
         *       },
         *       "start": null,
         *       "outcome": "completed",
         *       "done_at": "2026-11-28T09:00:00.000Z",
         *       "status": "pending",
         *       "recurrence_left": null,
         *       "rule": "FREQ=MONTHLY;BYDAY=-1FR",
         *       "starts": {
         *         "kind": "day",
         *         "date": "2026-11-27"
         *       }
         *     }
         */
        ExportedOccurrence: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            task_id: string;
            /** @description The slot of the rule. */
            occurrence: components["schemas"]["WallTime"];
            due: components["schemas"]["WallTime"];
            start: components["schemas"]["WallTime"] | null;
            /** @description `completed` or `skipped`. */
            outcome: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            done_at: string;
            /** @description What undoing it brings back. */
            status: components["schemas"]["TaskStatus"];
            recurrence_left: number | null;
            /** @description Of the series that it was of. */
            rule: string;
            /** @description The slot of the rule. */
            starts: components["schemas"]["WallTime"];
        };
        /**
         * @example {
         *       "id": "0199c2f4-7c4d-7e5f-8a61-7c8d9e0f1a2b",
         *       "task_id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *       "trigger": {
         *         "kind": "days",
         *         "before": "due",
         *         "days": 1,
         *         "time": "18:00"
         *       },
         *       "fire_at": "2026-11-30T17:00:00.000Z",
         *       "status": "pending",
         *       "fired_at": null,
         *       "late": false,
         *       "created_at": "2026-11-23T09:00:00.000Z",
         *       "updated_at": "2026-11-23T09:00:00.000Z"
         *     }
         */
        ExportedReminder: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            task_id: string;
            trigger: components["schemas"]["ReminderTrigger"];
            /**
             * Format: date-time
             * @description When it fires or should have; null where its task has no such time.
             * @example 2026-12-01T09:00:00.000Z
             */
            fire_at: string | null;
            status: components["schemas"]["ReminderStatus"];
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            fired_at: string | null;
            /** @description Did it fire more than two minutes late? */
            late: boolean;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            updated_at: string;
        };
        /**
         * @example {
         *       "id": "0199c2f4-7c4d-7e5f-8061-7c8d9e0f1a2b",
         *       "task_id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *       "text": "Called them. They come on *Tuesday*.",
         *       "edited": false,
         *       "created_at": "2026-11-23T09:00:00.000Z",
         *       "updated_at": "2026-11-23T09:00:00.000Z"
         *     }
         */
        ExportedComment: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            task_id: string;
            text: string;
            /** @description Whether its text was changed. */
            edited: boolean;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            updated_at: string;
        };
        /**
         * @example {
         *       "name": "Inbox",
         *       "color": null,
         *       "position": "j2kXy0a1A00",
         *       "updated_at": "2026-11-23T09:00:00.000Z"
         *     }
         */
        ExportedInbox: {
            name: string;
            color: string | null;
            position: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            updated_at: string;
        };
        /**
         * @example {
         *       "id": "0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f",
         *       "name": "House",
         *       "color": "#2f6feb",
         *       "archived": false,
         *       "position": "j2kXy0a1B00",
         *       "created_at": "2026-12-01T09:00:00.000Z",
         *       "updated_at": "2026-12-01T09:00:00.000Z"
         *     }
         */
        ExportedProject: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            name: string;
            color: string | null;
            archived: boolean;
            position: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            updated_at: string;
        };
        /**
         * @example {
         *       "name": "errand",
         *       "color": "#2f6feb",
         *       "created_at": "2026-12-01T09:00:00.000Z",
         *       "updated_at": "2026-12-01T09:00:00.000Z"
         *     }
         */
        ExportedLabel: {
            name: string;
            color: string | null;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            updated_at: string;
        };
        /** @description How many of each there are. A document without it was cut. */
        ExportEnd: {
            tasks: number;
            occurrences: number;
            reminders: number;
            comments: number;
            projects: number;
            labels: number;
        };
        /**
         * @description VTODOs of iCalendar (RFC 5545).
         * @example BEGIN:VCALENDAR
         *     VERSION:2.0
         *     END:VCALENDAR
         */
        CalendarFile: string;
        /**
         * @description CSV (RFC 4180) with a line of names. A cell that a spreadsheet would take for a formula begins with an apostrophe.
         * @example id,project,title
         */
        TableFile: string;
        /**
         * @example {
         *       "id": "0199c2f4-7c4d-7e5f-a061-7c8d9e0f1a2b",
         *       "status": "done",
         *       "format": "ics",
         *       "dry_run": false,
         *       "progress": {
         *         "done": 3,
         *         "total": 3
         *       },
         *       "counts": {
         *         "rows": 3,
         *         "created": 3,
         *         "unchanged": 0,
         *         "refused": 0,
         *         "projects": 0,
         *         "labels": 1,
         *         "notes": 2,
         *         "notes_left_off": 0
         *       },
         *       "error": null,
         *       "created_at": "2026-12-01T09:00:00.000Z",
         *       "finished_at": "2026-12-01T09:00:02.000Z"
         *     }
         */
        Import: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
            status: components["schemas"]["ImportStatus"];
            format: components["schemas"]["ImportFormat"];
            /** @description Whether nothing is changed. */
            dry_run: boolean;
            progress: components["schemas"]["ImportProgress"];
            counts: components["schemas"]["ImportCounts"];
            /** @description Why it failed. What the counts say was made all the same. */
            error: string | null;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-12-01T09:00:00.000Z
             */
            finished_at: string | null;
        };
        /**
         * @description While `reading` pieces of the file, later its rows.
         * @example {
         *       "done": 3,
         *       "total": 3
         *     }
         */
        ImportProgress: {
            done: number;
            total: number;
        };
        /**
         * @example {
         *       "rows": 3,
         *       "created": 3,
         *       "unchanged": 0,
         *       "refused": 0,
         *       "projects": 0,
         *       "labels": 1,
         *       "notes": 2,
         *       "notes_left_off": 0
         *     }
         */
        ImportCounts: {
            /** @description Tasks that were found in the file, with their finished occurrences. */
            rows: number;
            /** @description Tasks that were made. */
            created: number;
            /** @description Tasks that were here already; they stay as they are. */
            unchanged: number;
            /** @description Rows that became nothing. The report says why. */
            refused: number;
            /** @description Projects that were made. */
            projects: number;
            /** @description Labels that were made. */
            labels: number;
            /** @description Lines of the report. */
            notes: number;
            /** @description Lines that the report has no room for. */
            notes_left_off: number;
        };
        /**
         * @description An export of Taskport. One of Taskwarrior is an array.
         * @example {
         *       "format": "taskport",
         *       "version": 1,
         *       "tasks": [
         *         {
         *           "id": "0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a",
         *           "title": "Sweep the chimney"
         *         }
         *       ],
         *       "end": {
         *         "tasks": 1,
         *         "projects": 0,
         *         "labels": 0
         *       }
         *     }
         */
        ImportDocument: {
            [key: string]: unknown;
        };
        /**
         * @description The text of a file.
         * @example (A) 2026-11-01 Call Mum +Family @phone due:2026-12-01
         */
        ImportText: string;
        /**
         * Format: binary
         * @description A file, byte by byte.
         * @example (A) 2026-11-01 Call Mum +Family @phone due:2026-12-01
         */
        ImportBytes: string;
        /**
         * @description A form with a file.
         * @example {
         *       "file": "(A) Call Mum"
         *     }
         */
        FileForm: {
            /**
             * Format: binary
             * @description The file.
             */
            file: string;
        };
        ImportPage: {
            items: components["schemas"]["Import"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        ImportReportPage: {
            items: components["schemas"]["ImportNote"][];
            /** @description Where the next page begins; null on the last. */
            next_cursor: string | null;
        };
        /**
         * @description What could not be kept as it was, and why.
         * @example {
         *       "row": 31,
         *       "title": "Call the plumber",
         *       "field": "DUE",
         *       "code": "unknown_zone",
         *       "detail": "CST is no time zone here: the time is floating."
         *     }
         */
        ImportNote: {
            /** @description The line, row, component or element of the file, from 1; 0 for the file as a whole. */
            row: number;
            title: string;
            /** @description Its field, column or property; empty for all of it. */
            field: string;
            /** @description Stable; what programs look at. */
            code: string;
            detail: string;
        };
        /**
         * @example {
         *       "status": "ok"
         *     }
         */
        Health: {
            /** @enum {string} */
            status: "ok";
        };
        /**
         * @example {
         *       "status": "ready"
         *     }
         */
        Ready: {
            status: components["schemas"]["Readiness"];
            /**
             * @description There when nothing new can be stored. Everything else is served.
             * @enum {string}
             */
            storage?: "full";
        };
        /**
         * @description What is running, and what becomes of its data. `backup` is null where the database has no backups. A sudden end of the process costs at most the writes of the last `loss_bound_seconds`; `unsaved_seconds` is the age of the oldest write that no backup holds yet. `storage.state` is `full` when nothing new is stored (507): when `free_bytes` (of the disk) and `unused_bytes` (of the database file) have together fallen to `reserve_bytes`, when `used_bytes` has reached `limit_bytes`, or because the database says so. On a server the sizes are null.
         * @example {
         *       "name": "Taskport",
         *       "version": "0.1.0",
         *       "commit": "4f2c7e1d9b3a5860c1e7f2a4d6b8093e5c7a1f2d",
         *       "runtime": "node 24.21.0",
         *       "engine": "libSQL file",
         *       "durability": {
         *         "kind": "durable",
         *         "reason": "The data is in a file on a disk of the machine, which restarts do not touch."
         *       },
         *       "backup": {
         *         "last_at": "2026-12-01T09:00:05.120Z",
         *         "age_seconds": 41.3,
         *         "size_bytes": 184320,
         *         "duration_seconds": 0.21,
         *         "encrypted": true,
         *         "loss_bound_seconds": 5.2,
         *         "unsaved_seconds": null,
         *         "failures": 0
         *       },
         *       "storage": {
         *         "state": "ok",
         *         "used_bytes": 1294336,
         *         "free_bytes": 21474836480,
         *         "unused_bytes": 40960,
         *         "reserve_bytes": 67108864,
         *         "limit_bytes": null
         *       },
         *       "sign_in": {
         *         "registration": "open",
         *         "openid": "Hugging Face"
         *       },
         *       "started_at": "2026-12-01T09:00:00.000Z"
         *     }
         */
        Status: {
            /** @enum {string} */
            name: "Taskport";
            version: string;
            /** @description The revision of the source; null where it is not known. */
            commit: string | null;
            runtime: string;
            engine: string;
            durability: components["schemas"]["Durability"];
            backup: components["schemas"]["BackupStatus"] | null;
            storage: components["schemas"]["StorageStatus"];
            sign_in: components["schemas"]["SignInOptions"];
            /** Format: date-time */
            started_at: string;
            /** @description For the operator only, who sends `METRICS_TOKEN` as a bearer token. */
            jobs?: components["schemas"]["JobStatus"][];
        };
        /** @description What becomes of the data at a restart, and why. */
        Durability: {
            kind: components["schemas"]["DurabilityKind"];
            reason: string;
        };
        StorageStatus: {
            state: components["schemas"]["StorageState"];
            used_bytes: number | null;
            free_bytes: number | null;
            unused_bytes: number | null;
            reserve_bytes: number | null;
            limit_bytes: number | null;
        };
        SignInOptions: {
            registration: components["schemas"]["RegistrationMode"];
            /** @description The OpenID provider that people sign in with. */
            openid: string | null;
        };
        /** @description Work that the service does by itself, as the process knows it that answers. `lag_seconds` is how long something has been due that is not done. */
        JobStatus: {
            name: string;
            runs: number;
            failures: number;
            last_run: components["schemas"]["JobRun"] | null;
            last_failure: components["schemas"]["JobFailure"] | null;
            lag_seconds: number | null;
        };
        /**
         * @description Public keys (RFC 7517).
         * @example {
         *       "keys": [
         *         {
         *           "kty": "OKP",
         *           "crv": "Ed25519",
         *           "alg": "EdDSA",
         *           "use": "sig",
         *           "kid": "k1",
         *           "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
         *         }
         *       ]
         *     }
         */
        KeySet: {
            keys: components["schemas"]["PublicKey"][];
        };
        /** @description A public key (RFC 7517, 4). */
        PublicKey: {
            kty: string;
            kid: string;
        } & {
            [key: string]: unknown;
        };
        /**
         * @description A later version may add types.
         * @example task.updated
         * @enum {string}
         */
        EventType: "task.created" | "task.updated" | "task.completed" | "task.reopened" | "task.skipped" | "task.moved" | "task.deleted" | "task.restored" | "task.purged" | "project.created" | "project.updated" | "project.deleted" | "label.created" | "label.updated" | "label.deleted" | "comment.created" | "comment.updated" | "comment.deleted" | "reminder.created" | "reminder.updated" | "reminder.deleted" | "reminder.fired" | "reminder.missed" | "import.finished" | "user.updated";
        /** @description The thing as the user of the webhook sees it when it is sent, as its own operations show it: what `event.entity` names. */
        WebhookResource: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            project_id?: string | null;
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            rev?: string;
        } & {
            [key: string]: unknown;
        };
        WebhookEventData: {
            event: components["schemas"]["Event"];
            /** @description Null where it is gone, or in another project than that of the webhook. */
            resource: components["schemas"]["WebhookResource"] | null;
            /**
             * Format: uuid
             * @description The revision of `resource`.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            rev: string | null;
        };
        /**
         * @description `external`: a token of another issuer. `service`: no request.
         * @enum {string}
         */
        ActorKind: "session" | "key" | "external" | "service";
        EventActor: {
            /**
             * Format: uuid
             * @description The user; null for the service itself.
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string | null;
            kind: components["schemas"]["ActorKind"];
            /** @description Of the caller's own credentials: the id of the session or API key, or the issuer of the token. */
            credential_id: string | null;
        };
        /** @enum {string} */
        EventCauseEntity: "task" | "project";
        /** @description What took a task along that the request did not name: the task above it, or its project. */
        EventCause: {
            entity: components["schemas"]["EventCauseEntity"];
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            id: string;
        };
        WebhookTestData: {
            /**
             * Format: uuid
             * @example 0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f
             */
            webhook_id: string;
        };
        /**
         * @description Stable; what programs look at. A later version may add codes.
         * @enum {string}
         */
        ProblemCode: "malformed_json" | "malformed_text" | "incomplete_body" | "request_timeout" | "unauthenticated" | "invalid_credentials" | "insufficient_scope" | "session_required" | "not_author" | "registration_closed" | "quota_exceeded" | "not_found" | "email_taken" | "name_taken" | "external_id_taken" | "identity_taken" | "id_taken" | "last_sign_in" | "trashed" | "not_trashed" | "inbox" | "not_recurring" | "other_occurrence" | "import_running" | "webhook_inactive" | "write_conflict" | "sync_token_expired" | "precondition_failed" | "no_streams" | "too_large" | "unsupported_media_type" | "invalid" | "precondition_required" | "rate_limited" | "superseded" | "storage_full" | "unavailable" | "bad_request" | "other_user" | "not_a_route" | "method_not_allowed" | "not_implemented" | "not_run" | "internal" | "malformed_http" | "headers_too_large";
        /**
         * @description What a key may do.
         * @enum {string}
         */
        Scope: "tasks:read" | "tasks:write" | "projects:read" | "projects:write" | "labels:read" | "labels:write" | "account:read" | "data:read" | "data:write" | "webhooks:read" | "webhooks:write";
        /**
         * @description `completed` and `cancelled` are done, the others are open.
         * @enum {string}
         */
        TaskStatus: "pending" | "in_progress" | "completed" | "cancelled";
        /** @enum {string} */
        TaskPriority: "none" | "low" | "medium" | "high" | "urgent";
        /**
         * @description One of three, told apart by `kind`.
         * @example {
         *       "kind": "zoned",
         *       "datetime": "2026-12-01T09:00:00",
         *       "time_zone": "Europe/Berlin"
         *     }
         */
        WallTime: components["schemas"]["Day"] | components["schemas"]["FloatingTime"] | components["schemas"]["ZonedTime"];
        /**
         * @description What the next occurrence is counted from: the slot of the present one, or the day on which it was completed.
         * @enum {string}
         */
        RecurrenceAnchor: "due" | "completion";
        /**
         * @description Slots that passed before the task was completed: left out, or done one after the other.
         * @enum {string}
         */
        RecurrenceMissed: "skip" | "keep";
        /**
         * @description How a task recurs.
         * @example {
         *       "rule": "FREQ=MONTHLY;BYDAY=-1FR",
         *       "anchor": "due",
         *       "missed": "skip",
         *       "starts": {
         *         "kind": "day",
         *         "date": "2026-11-27"
         *       }
         *     }
         */
        Recurrence: {
            rule: string;
            anchor: components["schemas"]["RecurrenceAnchor"];
            missed: components["schemas"]["RecurrenceMissed"];
            /** @description The first slot (DTSTART): the due that the task had when the rule was set. */
            starts: components["schemas"]["WallTime"];
        };
        /**
         * @description How many of its direct subtasks are completed. Cancelled ones, and those in the trash, do not count.
         * @example {
         *       "completed": 1,
         *       "total": 3
         *     }
         */
        TaskProgress: {
            completed: number;
            total: number;
        };
        /**
         * @description One of three: a day (`date`), a floating time (`datetime`), or a time in a zone (`datetime` and `time_zone`). `kind` need not be there; one that does not go with the fields is refused. In a gap of daylight saving time the offset before it holds, in an overlap the first of the two times counts (RFC 5545, 3.3.5).
         * @example {
         *       "datetime": "2026-12-01T09:00:00",
         *       "time_zone": "Europe/Berlin"
         *     }
         */
        WallTimeInput: {
            kind?: components["schemas"]["WallTimeKind"];
            /**
             * Format: date
             * @example 2026-12-01
             */
            date?: string;
            /** @example 2026-12-01T09:00:00 */
            datetime?: string;
            /**
             * @description A name of the IANA time zone database.
             * @example Europe/Berlin
             */
            time_zone?: string;
        };
        /**
         * @description How a task recurs. It needs a due, which is the first slot.
         * @example {
         *       "rule": "FREQ=MONTHLY;BYDAY=-1FR"
         *     }
         */
        RecurrenceInput: {
            /**
             * @description A rule of RFC 5545 (RRULE) without DTSTART. It is answered in one canonical form.
             * @example FREQ=MONTHLY;BYDAY=-1FR
             */
            rule: string;
            /** @description Default: `"due"`. */
            anchor?: components["schemas"]["RecurrenceAnchor"];
            /** @description Default: `"skip"`. */
            missed?: components["schemas"]["RecurrenceMissed"];
            /** @description Read only: what it will be, if given. */
            starts?: components["schemas"]["WallTimeInput"];
        };
        /**
         * @description `day`: all day. `floating`: the same time wherever one is. `zoned`: a time in a zone.
         * @enum {string}
         */
        WallTimeKind: "day" | "floating" | "zoned";
        /**
         * @description What it does not name stays; another kind of time takes the place of what was there.
         * @example {
         *       "date": "2026-12-01"
         *     }
         */
        WallTimePatch: {
            kind?: components["schemas"]["WallTimeKind"];
            /**
             * Format: date
             * @example 2026-12-01
             */
            date?: string | null;
            /**
             * @description `YYYY-MM-DDThh:mm:ss`. A request may leave the seconds out.
             * @example 2026-12-01T09:00:00
             */
            datetime?: string;
            /**
             * @description A name of the IANA time zone database, or an offset from UTC, as in `+05:30`.
             * @example Europe/Berlin
             */
            time_zone?: string | null;
        };
        /**
         * @description What it does not name stays.
         * @example {
         *       "rule": "FREQ=MONTHLY;BYDAY=-1FR"
         *     }
         */
        RecurrencePatch: {
            /**
             * @description A rule of RFC 5545 (RRULE) without DTSTART. It is answered in one canonical form.
             * @example FREQ=MONTHLY;BYDAY=-1FR
             */
            rule?: string;
            anchor?: components["schemas"]["RecurrenceAnchor"];
            missed?: components["schemas"]["RecurrenceMissed"];
            /** @description Read only: what it will be, if given. */
            starts?: components["schemas"]["WallTimeInput"];
        };
        /** @enum {string} */
        OccurrenceOutcome: "completed" | "skipped";
        /**
         * @description When it is to fire: at a time of its own (`instant`, `day`, `floating`, `zoned`), or some `minutes` or `days` before the due or the start of its task, which it follows.
         * @example {
         *       "kind": "days",
         *       "before": "due",
         *       "days": 1,
         *       "time": "18:00"
         *     }
         */
        ReminderTrigger: components["schemas"]["ReminderAtInstant"] | components["schemas"]["ReminderOnDay"] | components["schemas"]["ReminderAtFloatingTime"] | components["schemas"]["ReminderAtZonedTime"] | components["schemas"]["ReminderMinutesBefore"] | components["schemas"]["ReminderDaysBefore"];
        /**
         * @description `pending`: it fires at `fire_at`. `unscheduled`: its task has no such time. `fired`: it has. `missed`: the service could not fire it within 24 hours. `cancelled`: its task is completed, cancelled or in the trash, or was when its time came.
         * @enum {string}
         */
        ReminderStatus: "pending" | "unscheduled" | "fired" | "missed" | "cancelled";
        /**
         * @description The time of the task that it counts from.
         * @enum {string}
         */
        ReminderBase: "due" | "start";
        /** @enum {string} */
        BatchOnError: "continue" | "stop";
        /** @enum {string} */
        TaskAction: "complete" | "reopen" | "trash" | "move" | "add_labels" | "remove_labels" | "set_priority" | "set_due" | "shift";
        /**
         * @description How far a client has read: text that means nothing to it.
         * @example WyIwMTk5YzJmNCIsIjAxOTljMmY1Iiw0MTIsImZmZmZmZmZmIl0
         */
        SyncToken: string;
        /**
         * @description A later version may add kinds.
         * @enum {string}
         */
        ChangedEntity: "task" | "project" | "label" | "comment" | "reminder" | "user";
        /**
         * @description `gone`: the endpoint answered 410. `failing`: nothing could be delivered to it for five days.
         * @enum {string}
         */
        WebhookDisabledReason: "gone" | "failing";
        /**
         * @description `pending`: it is sent at `next_attempt_at`. `delivered`: the endpoint answered 2xx. `failed`: it is not tried any more.
         * @enum {string}
         */
        WebhookDeliveryStatus: "pending" | "delivered" | "failed";
        /**
         * @description `receiving` while the file arrives, `reading` and `writing` while it is worked on; the others are final.
         * @enum {string}
         */
        ImportStatus: "receiving" | "reading" | "writing" | "done" | "failed" | "cancelled";
        /** @enum {string} */
        ImportFormat: "json" | "ics" | "todoist-csv" | "todotxt" | "taskwarrior";
        /** @enum {string} */
        Readiness: "ready" | "unavailable";
        BackupStatus: {
            /** Format: date-time */
            last_at: string | null;
            age_seconds: number | null;
            size_bytes: number | null;
            duration_seconds: number | null;
            encrypted: boolean | null;
            loss_bound_seconds: number | null;
            unsaved_seconds: number | null;
            failures: number;
        };
        /** @enum {string} */
        DurabilityKind: "durable" | "ephemeral";
        /** @enum {string} */
        StorageState: "ok" | "full";
        /** @enum {string} */
        RegistrationMode: "open" | "closed";
        JobRun: {
            /** Format: date-time */
            started_at: string;
            duration_seconds: number;
        };
        JobFailure: {
            /** Format: date-time */
            at: string;
            reason: string;
        };
        /** @enum {string} */
        TaskSort: "created_at" | "-created_at" | "updated_at" | "-updated_at" | "due" | "-due" | "deadline" | "-deadline" | "priority" | "-priority" | "position" | "-position" | "title" | "-title";
        /** @enum {string} */
        ExportFormat: "json" | "ics" | "csv";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type WebhookEventPayload = components['schemas']['WebhookEventPayload'];
export type Event = components['schemas']['Event'];
export type FieldChange = components['schemas']['FieldChange'];
export type WebhookTestPayload = components['schemas']['WebhookTestPayload'];
export type SignedIn = components['schemas']['SignedIn'];
export type User = components['schemas']['User'];
export type Problem = components['schemas']['Problem'];
export type Fault = components['schemas']['Fault'];
export type Registration = components['schemas']['Registration'];
export type Login = components['schemas']['Login'];
export type CodeRedemption = components['schemas']['CodeRedemption'];
export type Tokens = components['schemas']['Tokens'];
export type Refresh = components['schemas']['Refresh'];
export type SessionPage = components['schemas']['SessionPage'];
export type Session = components['schemas']['Session'];
export type Me = components['schemas']['Me'];
export type Quotas = components['schemas']['Quotas'];
export type Quota = components['schemas']['Quota'];
export type Running = components['schemas']['Running'];
export type UserPatch = components['schemas']['UserPatch'];
export type Proof = components['schemas']['Proof'];
export type PasswordChange = components['schemas']['PasswordChange'];
export type IdentityPage = components['schemas']['IdentityPage'];
export type Identity = components['schemas']['Identity'];
export type IdentityLink = components['schemas']['IdentityLink'];
export type ApiKeyPage = components['schemas']['ApiKeyPage'];
export type ApiKey = components['schemas']['ApiKey'];
export type CreatedApiKey = components['schemas']['CreatedApiKey'];
export type NewApiKey = components['schemas']['NewApiKey'];
export type ProjectPage = components['schemas']['ProjectPage'];
export type Project = components['schemas']['Project'];
export type NewProject = components['schemas']['NewProject'];
export type ProjectPatch = components['schemas']['ProjectPatch'];
export type TaskPage = components['schemas']['TaskPage'];
export type Task = components['schemas']['Task'];
export type Day = components['schemas']['Day'];
export type FloatingTime = components['schemas']['FloatingTime'];
export type ZonedTime = components['schemas']['ZonedTime'];
export type NewTask = components['schemas']['NewTask'];
export type TaskReplacement = components['schemas']['TaskReplacement'];
export type TaskPatch = components['schemas']['TaskPatch'];
export type OccurrenceChoice = components['schemas']['OccurrenceChoice'];
export type TaskOccurrencePage = components['schemas']['TaskOccurrencePage'];
export type TaskOccurrence = components['schemas']['TaskOccurrence'];
export type OccurrenceToUndo = components['schemas']['OccurrenceToUndo'];
export type NoFields = components['schemas']['NoFields'];
export type TaskMove = components['schemas']['TaskMove'];
export type CommentPage = components['schemas']['CommentPage'];
export type Comment = components['schemas']['Comment'];
export type NewComment = components['schemas']['NewComment'];
export type CommentPatch = components['schemas']['CommentPatch'];
export type LabelPage = components['schemas']['LabelPage'];
export type Label = components['schemas']['Label'];
export type NewLabel = components['schemas']['NewLabel'];
export type LabelPatch = components['schemas']['LabelPatch'];
export type ReminderPage = components['schemas']['ReminderPage'];
export type Reminder = components['schemas']['Reminder'];
export type ReminderAtInstant = components['schemas']['ReminderAtInstant'];
export type ReminderOnDay = components['schemas']['ReminderOnDay'];
export type ReminderAtFloatingTime = components['schemas']['ReminderAtFloatingTime'];
export type ReminderAtZonedTime = components['schemas']['ReminderAtZonedTime'];
export type ReminderMinutesBefore = components['schemas']['ReminderMinutesBefore'];
export type ReminderDaysBefore = components['schemas']['ReminderDaysBefore'];
export type TaskReminders = components['schemas']['TaskReminders'];
export type NewReminder = components['schemas']['NewReminder'];
export type ReminderPatch = components['schemas']['ReminderPatch'];
export type BatchResults = components['schemas']['BatchResults'];
export type BatchResult = components['schemas']['BatchResult'];
export type Batch = components['schemas']['Batch'];
export type BatchOperation = components['schemas']['BatchOperation'];
export type BulkOutcome = components['schemas']['BulkOutcome'];
export type BulkRefusal = components['schemas']['BulkRefusal'];
export type BulkChange = components['schemas']['BulkChange'];
export type TaskFilter = components['schemas']['TaskFilter'];
export type TaskChange = components['schemas']['TaskChange'];
export type Changes = components['schemas']['Changes'];
export type Gone = components['schemas']['Gone'];
export type Pokes = components['schemas']['Pokes'];
export type EventPage = components['schemas']['EventPage'];
export type WebhookPage = components['schemas']['WebhookPage'];
export type Webhook = components['schemas']['Webhook'];
export type WebhookWithSecret = components['schemas']['WebhookWithSecret'];
export type NewWebhook = components['schemas']['NewWebhook'];
export type WebhookPatch = components['schemas']['WebhookPatch'];
export type WebhookDelivery = components['schemas']['WebhookDelivery'];
export type WebhookDeliveryPage = components['schemas']['WebhookDeliveryPage'];
export type ExportDocument = components['schemas']['ExportDocument'];
export type ExportedSettings = components['schemas']['ExportedSettings'];
export type ExportedTask = components['schemas']['ExportedTask'];
export type ExportedOccurrence = components['schemas']['ExportedOccurrence'];
export type ExportedReminder = components['schemas']['ExportedReminder'];
export type ExportedComment = components['schemas']['ExportedComment'];
export type ExportedInbox = components['schemas']['ExportedInbox'];
export type ExportedProject = components['schemas']['ExportedProject'];
export type ExportedLabel = components['schemas']['ExportedLabel'];
export type ExportEnd = components['schemas']['ExportEnd'];
export type CalendarFile = components['schemas']['CalendarFile'];
export type TableFile = components['schemas']['TableFile'];
export type Import = components['schemas']['Import'];
export type ImportProgress = components['schemas']['ImportProgress'];
export type ImportCounts = components['schemas']['ImportCounts'];
export type ImportDocument = components['schemas']['ImportDocument'];
export type ImportText = components['schemas']['ImportText'];
export type ImportBytes = components['schemas']['ImportBytes'];
export type FileForm = components['schemas']['FileForm'];
export type ImportPage = components['schemas']['ImportPage'];
export type ImportReportPage = components['schemas']['ImportReportPage'];
export type ImportNote = components['schemas']['ImportNote'];
export type Health = components['schemas']['Health'];
export type Ready = components['schemas']['Ready'];
export type Status = components['schemas']['Status'];
export type Durability = components['schemas']['Durability'];
export type StorageStatus = components['schemas']['StorageStatus'];
export type SignInOptions = components['schemas']['SignInOptions'];
export type JobStatus = components['schemas']['JobStatus'];
export type KeySet = components['schemas']['KeySet'];
export type PublicKey = components['schemas']['PublicKey'];
export type EventType = components['schemas']['EventType'];
export type WebhookResource = components['schemas']['WebhookResource'];
export type WebhookEventData = components['schemas']['WebhookEventData'];
export type ActorKind = components['schemas']['ActorKind'];
export type EventActor = components['schemas']['EventActor'];
export type EventCauseEntity = components['schemas']['EventCauseEntity'];
export type EventCause = components['schemas']['EventCause'];
export type WebhookTestData = components['schemas']['WebhookTestData'];
export type ProblemCode = components['schemas']['ProblemCode'];
export type Scope = components['schemas']['Scope'];
export type TaskStatus = components['schemas']['TaskStatus'];
export type TaskPriority = components['schemas']['TaskPriority'];
export type WallTime = components['schemas']['WallTime'];
export type RecurrenceAnchor = components['schemas']['RecurrenceAnchor'];
export type RecurrenceMissed = components['schemas']['RecurrenceMissed'];
export type Recurrence = components['schemas']['Recurrence'];
export type TaskProgress = components['schemas']['TaskProgress'];
export type WallTimeInput = components['schemas']['WallTimeInput'];
export type RecurrenceInput = components['schemas']['RecurrenceInput'];
export type WallTimeKind = components['schemas']['WallTimeKind'];
export type WallTimePatch = components['schemas']['WallTimePatch'];
export type RecurrencePatch = components['schemas']['RecurrencePatch'];
export type OccurrenceOutcome = components['schemas']['OccurrenceOutcome'];
export type ReminderTrigger = components['schemas']['ReminderTrigger'];
export type ReminderStatus = components['schemas']['ReminderStatus'];
export type ReminderBase = components['schemas']['ReminderBase'];
export type BatchOnError = components['schemas']['BatchOnError'];
export type TaskAction = components['schemas']['TaskAction'];
export type SyncToken = components['schemas']['SyncToken'];
export type ChangedEntity = components['schemas']['ChangedEntity'];
export type WebhookDisabledReason = components['schemas']['WebhookDisabledReason'];
export type WebhookDeliveryStatus = components['schemas']['WebhookDeliveryStatus'];
export type ImportStatus = components['schemas']['ImportStatus'];
export type ImportFormat = components['schemas']['ImportFormat'];
export type Readiness = components['schemas']['Readiness'];
export type BackupStatus = components['schemas']['BackupStatus'];
export type DurabilityKind = components['schemas']['DurabilityKind'];
export type StorageState = components['schemas']['StorageState'];
export type RegistrationMode = components['schemas']['RegistrationMode'];
export type JobRun = components['schemas']['JobRun'];
export type JobFailure = components['schemas']['JobFailure'];
export type TaskSort = components['schemas']['TaskSort'];
export type ExportFormat = components['schemas']['ExportFormat'];
export type $defs = Record<string, never>;
export interface operations {
    register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Registration"];
            };
        };
        responses: {
            /** @description The new user, signed in. */
            201: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Registration is closed (`registration_closed`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`email_taken`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            /** @description Signed in. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Wrong e-mail address or password (`invalid_credentials`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    redeemCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeRedemption"];
            };
        };
        responses: {
            /** @description Signed in. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Registration is closed (`registration_closed`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Refresh"];
            };
        };
        responses: {
            /** @description The next tokens. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session has ended. */
            204: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of sessions. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session has ended. */
            204: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user whose credential this is. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Proof"];
            };
        };
        responses: {
            /** @description The account is gone. */
            204: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Also as `application/merge-patch+json`. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserPatch"];
            };
        };
        responses: {
            /** @description The user as it is now. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description The password is changed. */
            204: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listIdentities: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of identities. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    linkIdentity: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IdentityLink"];
            };
        };
        responses: {
            /** @description The identity, now of this account. */
            201: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Identity"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`identity_taken`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getIdentity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the identity. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The identity. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Identity"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unlinkIdentity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the identity. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Proof"];
            };
        };
        responses: {
            /** @description The identity belongs to no user any more. */
            204: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`last_sign_in`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listApiKeys: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of keys, without the keys themselves. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewApiKey"];
            };
        };
        responses: {
            /** @description The new key. */
            201: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedApiKey"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the API key. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key, without the key itself. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the API key. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key is gone. */
            204: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `session_required`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listProjects: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of projects. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createProject: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProject"];
            };
        };
        responses: {
            /** @description An earlier request with this id has made it: as it is now. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description The new project, behind all others. */
            201: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`id_taken`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getProject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the project. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The project. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description Not changed since the ETag in If-None-Match. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteProject: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the project. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`inbox`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateProject: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the project. */
                id: string;
            };
            cookie?: never;
        };
        /** @description Also as `application/merge-patch+json`. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectPatch"];
            };
        };
        responses: {
            /** @description The changed project. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`inbox`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTasks: {
        parameters: {
            query?: {
                /** @description Repeat it for several. */
                project_id?: string[];
                /** @description Repeat it for several. */
                status?: components["schemas"]["TaskStatus"][];
                /** @description Repeat it for several. */
                priority?: components["schemas"]["TaskPriority"][];
                /** @description A name. */
                label?: string[];
                /** @description An id, or `none` for tasks without a parent. Repeat it for several. */
                parent_id?: string[];
                /** @description Due before this date (`2026-12-01`) or instant. Times without a zone count in the caller's. */
                due_before?: string;
                /** @description Due at or after this date or instant (`2026-12-01T00:00:00Z`). */
                due_after?: string;
                /** @description With a deadline before this date (`2026-12-01`). */
                deadline_before?: string;
                /** @description With a deadline on this date or after it. */
                deadline_after?: string;
                /** @description Whether it waits for a task that is open and not in the trash. */
                blocked?: boolean;
                /** @description Of all projects; also the trash, with `deleted`. */
                external_id?: string;
                /** @description Open and past its due; a day is past only when it is over. */
                overdue?: boolean;
                /** @description Changed at or after this instant. */
                updated_since?: string;
                /** @description Words that title or description contain, all of them. Case, width and characters that cannot be seen do not matter. */
                q?: string;
                /** @description The trash instead. */
                deleted?: boolean;
                /** @description With `-`: descending. Tasks without a due or deadline come last either way. */
                sort?: components["schemas"]["TaskSort"];
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tasks. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTask"];
            };
        };
        responses: {
            /** @description An earlier request with this id has made it: as it is now. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description The new task, at the end of its project. */
            201: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`id_taken`, `external_id_taken`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description Not changed since the ETag in If-None-Match. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replaceTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskReplacement"];
            };
        };
        responses: {
            /** @description The task as it is now. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`trashed`, `external_id_taken`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Precondition required (`precondition_required`). */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteTask: {
        parameters: {
            query?: {
                /** @description Delete for good what is in the trash. */
                permanent?: boolean;
            };
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is in the trash, or gone. */
            204: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`not_trashed`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        /** @description Also as `application/merge-patch+json`. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskPatch"];
            };
        };
        responses: {
            /** @description The changed task. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`trashed`, `external_id_taken`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    completeTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OccurrenceChoice"];
            };
        };
        responses: {
            /** @description The task as it is now. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`trashed`, `write_conflict`, `not_recurring`, `other_occurrence`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    skipOccurrence: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OccurrenceChoice"];
            };
        };
        responses: {
            /** @description The task as it is now. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`trashed`, `write_conflict`, `not_recurring`, `other_occurrence`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listOccurrences: {
        parameters: {
            query?: {
                /** @description Those that were completed or skipped, the newest first. */
                past?: string;
                /** @description Those that come when the present one is completed now, computed by the rule. */
                next?: string;
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of occurrences. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskOccurrencePage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reopenTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OccurrenceToUndo"];
            };
        };
        responses: {
            /** @description The open task. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`trashed`, `write_conflict`, `not_recurring`, `other_occurrence`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restoreTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NoFields"];
            };
        };
        responses: {
            /** @description The task. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`external_id_taken`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    emptyTrash: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was in the trash is gone. */
            204: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    moveTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskMove"];
            };
        };
        responses: {
            /** @description The moved task. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`trashed`, `external_id_taken`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listComments: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of comments. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommentPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createComment: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewComment"];
            };
        };
        responses: {
            /** @description The new comment. */
            201: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comment"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`trashed`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getComment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the comment. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The comment. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comment"];
                };
            };
            /** @description Not changed since the ETag in If-None-Match. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteComment: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the comment. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `not_author`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`trashed`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateComment: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the comment. */
                id: string;
            };
            cookie?: never;
        };
        /** @description Also as `application/merge-patch+json`. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CommentPatch"];
            };
        };
        responses: {
            /** @description The changed comment. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comment"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `not_author`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`trashed`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listLabels: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of labels. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LabelPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createLabel: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewLabel"];
            };
        };
        responses: {
            /** @description An earlier request with this id has made it: as it is now. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Label"];
                };
            };
            /** @description The new label. */
            201: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Label"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`id_taken`, `name_taken`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getLabel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the label. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The label. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Label"];
                };
            };
            /** @description Not changed since the ETag in If-None-Match. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteLabel: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the label. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateLabel: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the label. */
                id: string;
            };
            cookie?: never;
        };
        /** @description Also as `application/merge-patch+json`. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["LabelPatch"];
            };
        };
        responses: {
            /** @description The changed label. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Label"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`name_taken`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listReminders: {
        parameters: {
            query?: {
                /** @description Those that fire at this instant or later. */
                from?: string;
                /** @description Those that fire before this instant. */
                until?: string;
                /** @description Those that have fired at this instant or later, by `fired_at`: also those that were late. */
                fired_since?: string;
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of reminders. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReminderPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTaskReminders: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskReminders"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createReminder: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewReminder"];
            };
        };
        responses: {
            /** @description The new reminder. */
            201: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reminder"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`trashed`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReminder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the reminder. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The reminder. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reminder"];
                };
            };
            /** @description Not changed since the ETag in If-None-Match. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteReminder: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the reminder. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateReminder: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the reminder. */
                id: string;
            };
            cookie?: never;
        };
        /** @description Also as `application/merge-patch+json`. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReminderPatch"];
            };
        };
        responses: {
            /** @description The reminder as it is now. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reminder"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`trashed`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    batch: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Batch"];
            };
        };
        responses: {
            /** @description The results, one of each operation. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchResults"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    bulkChangeTasks: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkChange"];
            };
        };
        responses: {
            /** @description What it has done until now. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkOutcome"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBulkChange: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the change of many tasks. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What it has done until now. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkOutcome"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listChanges: {
        parameters: {
            query?: {
                /** @description The `token` of the page before. Without it all there is, page by page. */
                since?: string;
                /** @description How many changes at most. A page of long texts has fewer. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The changes, the earliest first, page by page. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Changes"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Sync token expired (`sync_token_expired`). */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    openEvents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events until the client closes the connection. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["Pokes"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No streams here (`no_streams`). */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listActivity: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
                /** @description Only events of this type; repeat it for several. A page may then have fewer than `limit`, or none, and still a `next_cursor`: there may be more. */
                type?: components["schemas"]["EventType"][];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of events. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTaskActivity: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
                /** @description Only events of this type; repeat it for several. A page may then have fewer than `limit`, or none, and still a `next_cursor`: there may be more. */
                type?: components["schemas"]["EventType"][];
            };
            header?: never;
            path: {
                /** @description The id of the task. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of events. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listProjectActivity: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
                /** @description Only events of this type; repeat it for several. A page may then have fewer than `limit`, or none, and still a `next_cursor`: there may be more. */
                type?: components["schemas"]["EventType"][];
            };
            header?: never;
            path: {
                /** @description The id of the thing. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of events. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhooks: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of webhooks. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewWebhook"];
            };
        };
        responses: {
            /** @description The new webhook. */
            201: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the thing. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook, without its secret. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description Not changed since the ETag in If-None-Match. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the thing. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    updateWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag that is to be changed, in its quotes; another one is answered 412. */
                "If-Match"?: string;
            };
            path: {
                /** @description The id of the thing. */
                id: string;
            };
            cookie?: never;
        };
        /** @description Also as `application/merge-patch+json`. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookPatch"];
            };
        };
        responses: {
            /** @description The webhook as it is now. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description Malformed request body (`malformed_json`, `malformed_text`, `incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Changed since (`precondition_failed`). */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the thing. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook with its new secret. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description The revision. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            /** @description Malformed request body (`incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the thing. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The delivery, which waits to be sent. */
            201: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            /** @description Malformed request body (`incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`webhook_inactive`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: {
                /** @description Only those of this status. */
                status?: components["schemas"]["WebhookDeliveryStatus"];
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The id of the thing. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of deliveries. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDeliveryPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWebhookDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the thing. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The delivery. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replayWebhookDelivery: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repetition with the same key within 24 hours gets the first answer. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id of the thing. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The delivery, which waits to be sent. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            /** @description Malformed request body (`incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`webhook_inactive`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportAll: {
        parameters: {
            query?: {
                /** @description The kind of file; without it `json`. */
                format?: components["schemas"]["ExportFormat"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportDocument"];
                    "text/calendar": components["schemas"]["CalendarFile"];
                    "text/csv": components["schemas"]["TableFile"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    beginImport: {
        parameters: {
            query?: {
                /** @description Without it, how the file begins has to tell for certain. */
                format?: components["schemas"]["ImportFormat"];
                /** @description Whether nothing is made; the report says what would be, but for what belongs to tasks, which is not tried. */
                dry_run?: boolean;
                /** @description The project of tasks that name none, which is made where it is missing. Without it: the inbox, and for a file of Todoist the project of the name of the file. */
                project?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportDocument"];
                "text/calendar": components["schemas"]["ImportText"];
                "text/csv": components["schemas"]["ImportText"];
                "text/plain": components["schemas"]["ImportText"];
                "application/octet-stream": components["schemas"]["ImportBytes"];
                "multipart/form-data": components["schemas"]["FileForm"];
            };
        };
        responses: {
            /** @description The import, which has begun. */
            202: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    /** @description Where the new resource is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            /** @description Malformed request body (`incomplete_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`, `quota_exceeded`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request timeout (`request_timeout`). */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`import_running`, `write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Request body too large (`too_large`). */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported media type (`unsupported_media_type`). */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listImports: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of imports. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the import. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The import. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listImportNotes: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: number;
                /** @description Where the page before ended: its `next_cursor`. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The id of the import. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the report. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportReportPage"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the import. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The import, which is over. */
            200: {
                headers: {
                    /** @description Names the request in the log. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
            /** @description Authentication required (`unauthenticated`). */
            401: {
                headers: {
                    /** @description How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not allowed with this credential (`insufficient_scope`). */
            403: {
                headers: {
                    /** @description `error="insufficient_scope"` where the credential may not do this (RFC 6750). */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not found (`not_found`). */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict (`write_conflict`). */
            409: {
                headers: {
                    /** @description With `write_conflict`: seconds until the next attempt may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Invalid request (`invalid`). */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests (`rate_limited`). */
            429: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Temporarily unavailable (`unavailable`, `superseded`). */
            503: {
                headers: {
                    /** @description Seconds until the next request may be made. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Storage full (`storage_full`). */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description The headers are too large (`headers_too_large`). */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Yes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ready"];
                };
            };
            /** @description The headers are too large (`headers_too_large`). */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ready"];
                };
            };
        };
    };
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Version, runtime, database, durability, ways to sign in. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            /** @description The headers are too large (`headers_too_large`). */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getKeySet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeySet"];
                };
            };
            /** @description The headers are too large (`headers_too_large`). */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    receiveEvent: {
        parameters: {
            query?: never;
            header: {
                /** @description The same at each attempt: what was received already has it. */
                "webhook-id": string;
                /** @description When this attempt was made, in seconds since 1970. */
                "webhook-timestamp": string;
                /** @description `v1,` and the signature, once or, after a rotation, twice, with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookEventPayload"];
            };
        };
        responses: {
            /** @description It is never to be sent anything again: the webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It has arrived. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is sent again later, after `Retry-After` where that is given. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    receiveTest: {
        parameters: {
            query?: never;
            header: {
                /** @description The same at each attempt: what was received already has it. */
                "webhook-id": string;
                /** @description When this attempt was made, in seconds since 1970. */
                "webhook-timestamp": string;
                /** @description `v1,` and the signature, once or, after a rotation, twice, with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookTestPayload"];
            };
        };
        responses: {
            /** @description It is never to be sent anything again: the webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It has arrived. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is sent again later, after `Retry-After` where that is given. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
