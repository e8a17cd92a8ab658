struct list {
    int value;
    struct list *next;
};

int plain_value(const struct list *list) {
    return list->value;
}
int (*plain_function(void))(const struct list *list) {
    return plain_value;
}
int weak_replaced_by_plain(const struct list *list) {
    return list->value + 5;
}
