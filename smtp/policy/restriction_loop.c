/*
 * restriction_loop - restriction classes that contain themselves: smtpd runs out of stack when it
 * comes to one
 */
#include "smtp/policy/restriction_walk.h"

/* a class whose items are searched, and the item to go on with */
struct class_frame {
    struct restriction_list *list;
    size_t next;
};

/* the way from a class; not recursive, as classes may be nested deeply */
struct loop_search {
    const struct restriction_lists *lists;
    struct class_frame *frames;
    size_t count, capacity;
};

static void enter_class(struct loop_search *search, struct restriction_list *list)
{
    search->frames = arena_grow(search->lists->service->policy->arena, search->frames,
                                search->count, &search->capacity, sizeof *search->frames);
    search->frames[search->count++] = (struct class_frame){list, 0};
    list->search = CLASS_OPEN;
}

static void search_class(struct loop_search *search, struct restriction_list *list)
{
    enter_class(search, list);
    while (search->count > 0) {
        struct class_frame *frame = &search->frames[search->count - 1];
        if (frame->next == frame->list->count) {
            frame->list->search = CLASS_DONE;
            search->count--;
            continue;
        }
        struct restriction_item *item = &frame->list->items[frame->next++];
        if (item->class == NULL)
            continue;
        struct restriction_list *class = map_get(&search->lists->classes, item->text);
        if (class->search == CLASS_OPEN)
            item->loops = true;
        else if (class->search == CLASS_NEW)
            enter_class(search, class);
    }
}

void restriction_mark_loops(const struct restriction_lists *lists)
{
    struct loop_search search = {.lists = lists};

    for (size_t i = 0; i < lists->classes.capacity; i++) {
        struct restriction_list *class = lists->classes.slots[i].value;
        if (class != NULL && class->search == CLASS_NEW)
            search_class(&search, class);
    }
}
